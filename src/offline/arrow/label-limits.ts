// What labels may take, and the bytes that their content may grow to while it is read.
import { AsyncLocalStorage } from 'node:async_hooks';
import { PlumbError } from '../../../schemas/errors.ts';

/** Plain data: it goes to another process. */
export interface LabelLimits {
  /** Columns, and fields within columns. */
  readonly columns: number;
  /** Lists, structs and maps within each other. */
  readonly depth: number;
  readonly rows: number;
  /** After decompression and conversion of what is uploaded. */
  readonly decompressedBytes: number;
}

/** Files of one's own, which nobody uploads: as many rows and bytes as there are. */
export const OWN_LABELS: LabelLimits = { columns: 1000, depth: 8, rows: Infinity, decompressedBytes: Infinity };

/** The setting under `server.limits` that a limit is configured by. */
const SETTINGS = {
  columns: 'labelColumns',
  depth: 'labelDepth',
  rows: 'uploadedLabelRows',
  decompressedBytes: 'labelDecompressedBytes',
} as const satisfies Record<keyof LabelLimits, string>;

export function overLimit(limit: keyof LabelLimits, found: string, limits: LabelLimits): PlumbError {
  const setting = SETTINGS[limit];
  const message = `found ${found}, expected at most ${limits[limit]} (server.limits.${setting})`;
  return new PlumbError('TOO_LARGE', message, { details: { limit: setting, [setting]: limits[limit] } });
}

interface ByteBudget {
  left: number;
  readonly limits: LabelLimits;
}

const budgets = new AsyncLocalStorage<ByteBudget>();

/** Runs parts of one reading, which share their bytes. The decoders that apache-arrow calls take no argument of ours. */
export function byteBudget(limits: LabelLimits): <T>(part: () => T) => T {
  const budget = { left: limits.decompressedBytes, limits };
  return (part) => budgets.run(budget, part);
}

export const bytesLeft = (): number => budgets.getStore()?.left ?? Infinity;

/** Called before the bytes are taken; less than 0 gives back. TOO_LARGE where they are more than what is left. */
export function takeBytes(bytes: number): void {
  const budget = budgets.getStore();
  if (budget === undefined) return;
  budget.left -= bytes;
  if (budget.left < 0) throw overBytes();
}

export const overBytes = (): PlumbError =>
  overLimit('decompressedBytes', 'labels of more bytes once decompressed', budgets.getStore()?.limits ?? OWN_LABELS);
