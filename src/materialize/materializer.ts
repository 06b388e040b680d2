// The materializer: view by view, each in its turn (view-run.ts); one that another run works on comes last. Then, of each of
// them, the generations of former definitions that bound training sets need.
import type { PlumbError } from '../../schemas/errors.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { isStreamed } from '../catalog/look-up.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { doneByAnother, ViewTaken, WAIT_FOR_OTHERS_MILLIS, whenFree } from './another-run.ts';
import { boundRuns, requireKnown } from './bound/bound-runs.ts';
import type { LostView } from './bound/held-views.ts';
import { formerOf } from './generation.ts';
import { readState } from './publish.ts';
import type { MaterializeProgress, MaterializeRequest, Materializer, RunReport } from './run.ts';
import { emptyReport, failedReport } from './run-report.ts';
import { status } from './status.ts';
import { runStreamed } from './streams/streamed-runs.ts';
import { isBehindWatermark, untilOf } from './until.ts';
import { failed, type MaterializerOptions, runView, type ViewRun } from './view-run.ts';
import { wantedViews } from './wanted-views.ts';

export type { MaterializerOptions } from './view-run.ts';

export function createMaterializer(options: MaterializerOptions): Materializer {
  return {
    materialize: (request, onProgress = () => {}, onFailure = () => {}) =>
      materialize({ options, request, onProgress, onFailure }),
    status: ({ everything = false } = {}) => status(options, everything),
  };
}

interface Asked {
  readonly options: MaterializerOptions;
  readonly request: MaterializeRequest;
  readonly onProgress: (progress: MaterializeProgress) => void;
  readonly onFailure: (view: string, error: PlumbError) => void;
}

/** What is to be run. */
export type WantedRun = Pick<ViewRun, 'catalog' | 'view' | 'boundTo'>;

async function materialize(asked: Asked): Promise<readonly RunReport[]> {
  const { options, request } = asked;
  const catalog = await options.catalog();
  const known = await requireKnown(options, catalog, request);
  const wanted = request.isOfFormer === true ? [] : wantedViews(catalog, known);
  const current = wanted.filter((view) => !isStreamed(catalog, view)).map((view) => ({ catalog, view, boundTo: [] }));
  const streamed = wanted.filter((view) => isStreamed(catalog, view));
  const reports = await runAll(asked, current, await behindWatermark(asked, current));
  // A generation becomes a former one by the runs before.
  const { held, lost } = await boundRuns(options, request, current);
  const ofRuns = held.filter((one) => !isStreamed(one.catalog, one.view));
  const bound = await runAll(asked, ofRuns, new Map());
  const ofStreams: RunReport[] = [];
  for (const view of streamed) ofStreams.push(await streamedReport(asked, view));
  return [...reports, ...ofStreams, ...bound, ...lost.map((one) => lostReport(asked, one))];
}

/** A failure is of that view alone. */
async function streamedReport(asked: Asked, view: ServableView): Promise<RunReport> {
  try {
    return await runStreamed(asked.options, view, asked.request);
  } catch (error) {
    return failed(begun(asked, { catalog: await asked.options.catalog(), view, boundTo: [] }), error);
  }
}

/** Of a generation that no run can follow any more. */
function lostReport({ request, onFailure }: Asked, { name, boundTo, error }: LostView): RunReport {
  onFailure(name, error);
  return failedReport(emptyReport({ view: { name }, boundTo }, request, formatInstant(nowMicros())), error);
}

/** In their order. */
async function runAll(
  asked: Asked,
  wanted: readonly WantedRun[],
  refused: ReadonlyMap<WantedRun, PlumbError>,
): Promise<readonly RunReport[]> {
  const reports = new Map<WantedRun, RunReport>();
  const taken: WantedRun[] = [];
  for (const one of wanted) {
    const run = begun(asked, one);
    const refusal = refused.get(one);
    const report = refusal === undefined ? await runView(run).catch(nullWhereTaken) : failed(run, refusal);
    if (report === null) taken.push(one);
    else reports.set(one, report);
  }
  // By then the other run may have taken them as far as they are wanted.
  for (const one of taken) reports.set(one, await runAfterAnother(asked, one));
  return wanted.map((one) => reports.get(one) as RunReport);
}

const begun = (asked: Asked, { catalog, view, boundTo }: WantedRun): ViewRun => ({
  ...asked,
  ...{ catalog, view, boundTo },
  blank: emptyReport({ view, boundTo }, asked.request, formatInstant(nowMicros())),
});

function nullWhereTaken(error: unknown): null {
  if (error instanceof ViewTaken) return null;
  throw error;
}

async function runAfterAnother(asked: Asked, wanted: WantedRun): Promise<RunReport> {
  const { signal, waitForOthersMillis: waitMillis = WAIT_FOR_OTHERS_MILLIS } = asked.options;
  const waiting = begun(asked, wanted);
  const attempt = async () => (await doneByAnother(waiting)) ?? (await runView(begun(asked, wanted)));
  try {
    return await whenFree(attempt, { waitMillis, signal });
  } catch (error) {
    return failed(waiting, error);
  }
}

/** Known before anything is done: each view that has gone further, with its error. Where all have, that is the request's. */
async function behindWatermark(
  { options, request }: Asked,
  wanted: readonly WantedRun[],
): Promise<ReadonlyMap<WantedRun, PlumbError>> {
  const behind = new Map<WantedRun, PlumbError>();
  if (request.mode !== 'incremental') return behind;
  for (const one of wanted) {
    try {
      untilOf(request, one.view, formerOf((await readState(options.online, one.view.name)).state, one.view, 'live'));
    } catch (error) {
      if (!isBehindWatermark(error)) throw error;
      behind.set(one, error);
    }
  }
  const [first] = behind.values();
  if (first !== undefined && behind.size === wanted.length) throw first;
  return behind;
}
