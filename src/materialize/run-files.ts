// What `views/<view>/<run>/` holds beside the manifest and its parts:
//
//   started.json   claims the run's number: who asked for what, written once
//   trace.json     phases and log, written again and again while the run goes on; nothing depends on it
//   report.json    how the run ended, written last
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { materializationRunSchema } from '../../schemas/wire.ts';
import type { MaterializationMode } from '../../schemas/wire-types.ts';
import { jsonOrNull } from '../json-or-null.ts';
import { runFolder } from '../offline/manifest-run.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { RunReport } from './run.ts';
import { type RecordedTrace, recordedTraceContract } from './run-trace.ts';

export const STARTED_FILE = 'started.json';
export const TRACE_FILE = 'trace.json';
export const REPORT_FILE = 'report.json';

/** Older versions wrote `startedAt` alone. */
export interface StartedRun {
  readonly startedAt: string;
  readonly mode?: MaterializationMode | undefined;
  readonly job?: string | null | undefined;
  readonly until?: string | undefined;
  /** The token of the view's lease: while somebody holds it, the run goes on. */
  readonly lease?: number | undefined;
}

const startedContract: z.ZodType<StartedRun> = z.object({
  startedAt: z.string(),
  mode: materializationRunSchema.shape.mode.optional(),
  job: z.string().nullable().optional(),
  until: z.string().optional(),
  lease: z.int().optional(),
});

/** The words of what failed are for clients; older versions recorded none. */
const UNTOLD = { code: 'INTERNAL', message: 'the run failed; `plumb status` says why' } as const;

export interface RunPlace {
  readonly store: ObjectStore;
  readonly view: string;
  readonly run: string;
}

export const runFile = ({ view, run }: Omit<RunPlace, 'store'>, file: string): string =>
  `${runFolder(view, run)}${file}`;

/** null: no such run. */
export const readStarted = (place: RunPlace): Promise<StartedRun | null> =>
  readDocument(place, STARTED_FILE, startedContract);

export const readTrace = (place: RunPlace): Promise<RecordedTrace | null> =>
  readDocument(place, TRACE_FILE, recordedTraceContract);

/** null: the run has not ended, or its process ended before it did. */
export async function readReport(place: RunPlace): Promise<RunReport | null> {
  const report = await readDocument(place, REPORT_FILE, materializationRunSchema);
  return report?.outcome === 'failed' && report.error == null ? { ...report, error: UNTOLD } : report;
}

export const writeTrace = ({ store, ...place }: RunPlace, trace: RecordedTrace): Promise<void> =>
  store.put(runFile(place, TRACE_FILE), Buffer.from(`${JSON.stringify(trace)}\n`));

export const writeReport = ({ store, ...place }: RunPlace, report: RunReport): Promise<void> =>
  store.put(runFile(place, REPORT_FILE), Buffer.from(`${JSON.stringify(report, null, 2)}\n`));

async function readDocument<T>({ store, ...place }: RunPlace, file: string, contract: z.ZodType<T>): Promise<T | null> {
  const key = runFile(place, file);
  const content = await store.get(key);
  if (content === null) return null;
  const parsed = contract.safeParse(jsonOrNull(content));
  if (parsed.success) return parsed.data;
  const what = file === REPORT_FILE ? 'the report of a run' : 'a record of a run';
  const message = `the stored object ${key} is damaged: it is not ${what}; remove it: no values depend on it`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { key } });
}
