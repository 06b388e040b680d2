// What a command printed, read as the document that `--json` promises.
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { EndedProcess } from '../harmed-process.ts';

export interface RunSaid {
  readonly view: string;
  readonly run: string;
  readonly mode: string;
  readonly outcome: 'succeeded' | 'failed' | 'skipped';
  readonly notice: string | null;
  readonly until: string;
  readonly finishedAt: string;
}

export interface Said {
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly runs?: readonly RunSaid[];
  readonly outcome?: string;
  readonly version?: number;
  readonly name?: string;
  readonly rows?: number;
  /** By a collection. */
  readonly removed?: readonly { readonly kind: string; readonly name: string; readonly items: number }[];
}

/** null where it is no JSON document: of a process that was killed, nothing else can be asked. */
export function said({ out }: Pick<EndedProcess, 'out'>): Said | null {
  try {
    return JSON.parse(out) as Said;
  } catch {
    return null;
  }
}

/** A machine that does much else may let an answer of a store, or a lease, wait for too long: no fault of anybody's. */
export const isTimeout = (text: string): boolean =>
  /could not be renewed for|no answer within|no connection within|Socket timeout|did not answer in time/.test(text);
