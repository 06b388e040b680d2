// The runs of all views as anyone may read them, whoever did them: those that go on, ended, failed, or whose process died.
import { PlumbError } from '../../schemas/errors.ts';
import type { Run, RunDetails, RunError, RunState } from '../../schemas/wire-types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { requireView } from '../catalog/look-up.ts';
import { formatInstant } from '../instant.ts';
import type { PartInfo } from '../offline/manifest.ts';
import { type RunManifest, readRunManifest, runFolderName } from '../offline/manifest-run.ts';
import { quote } from '../quote.ts';
import { type LeaseHolder, type Leases, viewLease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { totalBytes, totalRows } from '../storage/totals.ts';
import type { RunReport } from './run.ts';
import { type RunPlace, readReport, readStarted, readTrace, type StartedRun } from './run-files.ts';
import { type ListedRun, listRuns, placeOfRun, runId } from './run-list.ts';
import { NO_FILES } from './run-report.ts';

export interface RunRecordsPorts {
  readonly store: ObjectStore;
  readonly leases: Leases;
  /** Only asked where a view has no run. */
  readonly catalog: () => Promise<Catalog>;
}

export interface RunQuery {
  /** null: of all. */
  readonly view: string | null;
  readonly state: RunState | null;
  readonly limit: number;
  /** Behind that run; null: from the newest. */
  readonly after: string | null;
}

export interface RunsFound {
  /** Newest first. */
  readonly runs: readonly Run[];
  /** Where to go on; null: that is all. */
  readonly next: string | null;
}

/** A page that looks for one state gives up after so many of others; the next one goes on. */
const MOST_LOOKED_AT = 1000;

export interface RunRecords {
  /** UNKNOWN_NAME where neither the catalog nor a run knows the view. */
  page(query: RunQuery): Promise<RunsFound>;
  /** UNKNOWN_NAME where there is no such run. */
  show(id: string): Promise<RunDetails>;
}

export const createRunRecords = (ports: RunRecordsPorts): RunRecords => ({
  page: (query) => page(ports, query),
  show: (id) => show(ports, id),
});

async function page(ports: RunRecordsPorts, { view, state, limit, after }: RunQuery): Promise<RunsFound> {
  const listed = await listRuns(ports.store, view);
  if (view !== null && listed.length === 0) requireView(await ports.catalog(), view);
  const rest = after === null ? listed : listed.filter(({ cursor }) => cursor < after);
  const looking = { store: ports.store, holders: once(() => holders(ports)) };
  const runs: Run[] = [];
  let seen = 0;
  for await (const run of readEach(rest.slice(0, MOST_LOOKED_AT), (one) => summary(looking, one))) {
    seen++;
    if (run !== null && (state === null || run.state === state)) runs.push(run);
    if (runs.length === limit) break;
  }
  return { runs, next: seen === rest.length ? null : (rest[seen - 1]?.cursor ?? null) };
}

async function show(ports: RunRecordsPorts, id: string): Promise<RunDetails> {
  const { store } = ports;
  const name = placeOfRun(id);
  const place = name === null ? null : { store, ...name };
  const started = place === null ? null : await readStarted(place);
  if (place === null || started === null) throw unknownRun(id);
  const end = await endOf({ store, holders: () => holders(ports) }, place, started);
  const manifest = await readRunManifest(store, place.view, place.run);
  const { phases, log } = (await readTrace(place)) ?? { phases: [], log: [] };
  return { ...summaryOf(place, started, end), ...writtenBy(manifest), ...foundBy(end.report), phases, log };
}

/** null where it is gone meanwhile. What is damaged is told as the run's error. */
async function summary(looking: Looking, { view, run, beganAt }: ListedRun): Promise<Run | null> {
  const place = { store: looking.store, view, run };
  try {
    const started = await readStarted(place);
    return started === null ? null : summaryOf(place, started, await endOf(looking, place, started));
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
    const { code, message } = error;
    return summaryOf(place, { startedAt: beganAt }, without('failed', { code, message }));
  }
}

async function endOf({ holders }: Looking, place: RunPlace, { lease }: StartedRun): Promise<RunEnd> {
  const report = await readReport(place);
  if (report !== null) return reportedEnd(report);
  const name = viewLease(place.view);
  const isHeld = (await holders()).some((holder) => holder.name === name && holder.token === lease);
  if (isHeld) return without('running', null);
  // It may have ended since its report was looked for.
  const now = await readReport(place);
  if (now !== null) return reportedEnd(now);
  const isComputed = (await readRunManifest(place.store, place.view, place.run)) !== null;
  return without('failed', isComputed ? CUT_OFF_AFTER : CUT_OFF);
}

interface Looking {
  readonly store: ObjectStore;
  /** Asked for after a run was seen: whose lease is not among them does it no more. */
  readonly holders: () => Promise<readonly LeaseHolder[]>;
}

const holders = ({ leases }: RunRecordsPorts): Promise<readonly LeaseHolder[]> => leases.holders(viewLease(''));

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => (asked ??= ask());
}

const CUT_OFF: RunError = { code: 'INTERRUPTED', message: 'its process ended before it was done: run the view again' };
const CUT_OFF_AFTER: RunError = {
  code: 'INTERRUPTED',
  message: 'its process ended after all was computed: the next run of the view puts it online',
};

/** How a run ended, or that it goes on. */
interface RunEnd {
  readonly state: RunState;
  readonly error: RunError | null;
  readonly report: RunReport | null;
}

const without = (state: RunState, error: RunError | null): RunEnd => ({ state, error, report: null });

function reportedEnd(report: RunReport): RunEnd {
  const error = report.error ?? null;
  const failed = error?.code === 'CANCELLED' ? 'cancelled' : 'failed';
  return { state: report.outcome === 'failed' ? failed : 'succeeded', error, report };
}

function summaryOf({ view, run }: Omit<RunPlace, 'store'>, started: StartedRun, { state, error, report }: RunEnd): Run {
  return {
    ...{ id: runId({ view, run }), view, run, state },
    mode: started.mode ?? report?.mode ?? null,
    job: started.job ?? null,
    startedAt: report?.startedAt ?? started.startedAt,
    finishedAt: report?.finishedAt ?? null,
    until: report?.until ?? started.until ?? null,
    generation: report?.generation ?? null,
    rowsScanned: report?.rowsScanned ?? 0,
    rowsWritten: report?.rowsWritten ?? 0,
    tombstonesWritten: report?.tombstonesWritten ?? 0,
    notice: report?.notice ?? error?.message ?? null,
    error,
  };
}

type Written = Pick<RunDetails, 'interval' | 'boundary' | 'chain' | 'parts'>;

function writtenBy(manifest: RunManifest | null): Written {
  if (manifest === null) return { interval: null, boundary: null, chain: [], parts: totalOf([]) };
  const { interval, effectiveMicros, chain, parts, tombstoneParts } = manifest;
  const boundary = effectiveMicros === null ? null : formatInstant(BigInt(effectiveMicros));
  return { interval, boundary, chain, parts: totalOf([...parts, ...tombstoneParts]) };
}

const totalOf = (parts: readonly PartInfo[]): RunDetails['parts'] => ({
  files: parts.length,
  rows: totalRows(parts),
  sizeBytes: totalBytes(parts),
});

const foundBy = (report: RunReport | null): Pick<RunDetails, 'invalidValues' | 'sourceFiles'> => ({
  invalidValues: report?.invalidValues ?? {},
  sourceFiles: report?.sourceFiles ?? NO_FILES,
});

const unknownRun = (id: string): PlumbError =>
  new PlumbError(
    'UNKNOWN_NAME',
    `there is no run ${quote(id)}, expected one such as ${runId({ view: 'user_clicks', run: runFolderName(1) })}; \`plumb run list\` and GET /v1/runs show those that are kept`,
    { details: { name: id } },
  );
