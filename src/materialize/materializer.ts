// The materializer: view by view, each in its turn (view-run.ts); one that another run works on comes last.
import type { PlumbError } from '../../schemas/errors.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { doneByAnother, ViewTaken, WAIT_FOR_OTHERS_MILLIS, whenFree } from './another-run.ts';
import { readState } from './publish.ts';
import type { MaterializeProgress, MaterializeRequest, Materializer, RunReport } from './run.ts';
import { emptyReport } from './run-report.ts';
import { status } from './status.ts';
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

async function materialize(asked: Asked): Promise<readonly RunReport[]> {
  const { options, request } = asked;
  const catalog = await options.catalog();
  const views = wantedViews(catalog, request);
  const behind = await behindWatermark(asked, views);
  const reports = new Map<string, RunReport>();
  const taken: ViewRun[] = [];
  for (const view of views) {
    const run: ViewRun = { ...asked, catalog, view, blank: emptyReport(view, request, formatInstant(nowMicros())) };
    const refusal = behind.get(view.name);
    const report = refusal === undefined ? await runView(run).catch(nullWhereTaken) : failed(run, refusal);
    if (report === null) taken.push(run);
    else reports.set(view.name, report);
  }
  // By then the other run may have taken them as far as they are wanted.
  for (const run of taken) reports.set(run.view.name, await runAfterAnother(run));
  return views.map(({ name }) => reports.get(name) as RunReport);
}

function nullWhereTaken(error: unknown): null {
  if (error instanceof ViewTaken) return null;
  throw error;
}

async function runAfterAnother(taken: ViewRun): Promise<RunReport> {
  const { options, view, request } = taken;
  const begun = (): ViewRun => ({ ...taken, blank: emptyReport(view, request, formatInstant(nowMicros())) });
  const { signal, waitForOthersMillis: waitMillis = WAIT_FOR_OTHERS_MILLIS } = options;
  const waiting = begun();
  const attempt = async () => (await doneByAnother(waiting)) ?? (await runView(begun()));
  try {
    return await whenFree(attempt, { waitMillis, signal });
  } catch (error) {
    return failed(waiting, error);
  }
}

/** Known before anything is done: each view that has gone further, with its error. Where all have, that is the request's. */
async function behindWatermark(
  { options, request }: Asked,
  views: readonly FeatureView[],
): Promise<ReadonlyMap<string, PlumbError>> {
  const behind = new Map<string, PlumbError>();
  if (request.mode !== 'incremental') return behind;
  for (const view of views) {
    try {
      untilOf(request, view, (await readState(options.online, view.name)).state.live);
    } catch (error) {
      if (!isBehindWatermark(error)) throw error;
      behind.set(view.name, error);
    }
  }
  const [first] = behind.values();
  if (first !== undefined && behind.size === views.length) throw first;
  return behind;
}
