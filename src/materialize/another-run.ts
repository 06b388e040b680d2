// A view that another run works on, or has worked on since this one was asked for.
import type { PlumbError } from '../../schemas/errors.ts';
import { pause } from '../cancelled.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { generationBy } from '../online/serving-state.ts';
import { readState } from './publish.ts';
import type { MaterializeRequest, RunReport } from './run.ts';
import type { RunPorts } from './run-ports.ts';

/** How long a run waits, once it is done with its other views, for a view that another run works on. */
export const WAIT_FOR_OTHERS_MILLIS = 60_000;
const LOOK_MILLIS = 250;

/** Another process has the lease of the view; `refusal` says who. */
export class ViewTaken extends Error {
  readonly refusal: PlumbError;

  constructor(refusal: PlumbError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

interface WantedRun {
  readonly options: Pick<RunPorts, 'online'>;
  readonly view: ServableView;
  readonly boundTo: readonly string[];
  readonly request: MaterializeRequest;
  /** The report so far. */
  readonly blank: RunReport;
}

/** The report on a view that is live as of the wanted instant or later, whichever run made it so; null if it is not. */
export async function doneByAnother({ options, view, boundTo, request, blank }: WantedRun): Promise<RunReport | null> {
  const { state } = await readState(options.online, view.name);
  const live = boundTo.length === 0 ? state.live : generationBy(state, view.fingerprint);
  if (live === null || live.fingerprint !== view.fingerprint || live.watermarkMicros < request.untilMicros) return null;
  const until = formatInstant(live.watermarkMicros);
  return {
    ...blank,
    outcome: 'succeeded',
    run: live.run,
    generation: live.id,
    until,
    finishedAt: formatInstant(nowMicros()),
    notice: `another run, ${live.run}, took ${view.name} to ${until} meanwhile: there was nothing left to do`,
  };
}

export interface Waiting {
  readonly waitMillis: number;
  readonly signal: AbortSignal;
}

/** Tries again and again while the view is taken; rejects with the refusal when the time is over. */
export async function whenFree<T>(attempt: () => Promise<T>, { waitMillis, signal }: Waiting): Promise<T> {
  const endMillis = performance.now() + waitMillis;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ViewTaken)) throw error;
      if (performance.now() >= endMillis) throw error.refusal;
    }
    await pause(LOOK_MILLIS, signal);
  }
}
