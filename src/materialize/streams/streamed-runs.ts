// What a materialization does with views that streams feed: nothing, as their events are applied when they come; or it asks for
// a rebuild, which the process that applies events carries out.
import { PlumbError } from '../../../schemas/errors.ts';
import { pause } from '../../cancelled.ts';
import type { ServableView } from '../../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../../instant.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { encodeServingState } from '../../online/serving-state-codec.ts';
import { type Leases, STREAM_LEASE } from '../../storage/leases/lease.ts';
import { readState } from '../publish.ts';
import type { MaterializeRequest, RunReport } from '../run.ts';
import { emptyReport } from '../run-report.ts';
import { STREAM_RUN } from './stream-generation.ts';

export interface StreamedRunPorts {
  readonly online: OnlineStore;
  readonly leases: Leases;
  readonly signal: AbortSignal;
}

const LOOK_MILLIS = 200;
/** Without a process that applies events. */
const MOST_ALONE_MILLIS = 10_000;
const MOST_START_MILLIS = 3000;

export async function runStreamed(
  ports: StreamedRunPorts,
  view: ServableView,
  request: MaterializeRequest,
): Promise<RunReport> {
  const blank = emptyReport({ view, boundTo: [] }, request, formatInstant(nowMicros()));
  if (request.mode !== 'full') {
    const notice = `kept up to date by events of ${view.source}, as \`plumb serve\` applies them: no run is needed`;
    return { ...blank, outcome: 'skipped', notice };
  }
  await requireProcessor(ports, view);
  const askedMicros = await askForRebuild(ports.online, view);
  if (request.isDetached === true)
    return { ...blank, outcome: 'skipped', notice: 'a rebuild is asked for; `plumb status` tells when it is done' };
  const generation = await rebuilt(ports, view, askedMicros);
  const notice = `rebuilt from the history, lake and log of ${view.source}`;
  const finishedAt = formatInstant(nowMicros());
  return { ...blank, outcome: 'succeeded', run: STREAM_RUN, generation, notice, until: finishedAt, finishedAt };
}

async function askForRebuild(online: OnlineStore, { name }: ServableView): Promise<bigint> {
  for (;;) {
    const { bytes, state } = await readState(online, name);
    const now = nowMicros();
    const before = state.rebuildAskedMicros ?? 0n;
    const rebuildAskedMicros = now > before ? now : before + 1n;
    if (await online.writeState(name, bytes, encodeServingState({ ...state, rebuildAskedMicros })))
      return rebuildAskedMicros;
  }
}

/** The name of the generation that answers the request, or a later one. */
async function rebuilt(ports: StreamedRunPorts, view: ServableView, askedMicros: bigint): Promise<string> {
  for (let aloneSinceMillis: number | null = null; ; ) {
    const { live } = (await readState(ports.online, view.name)).state;
    if ((live?.stream?.rebuildMicros ?? -1n) >= askedMicros) return live?.id ?? '';
    const isAlone = !(await hasProcessor(ports.leases));
    aloneSinceMillis = isAlone ? (aloneSinceMillis ?? performance.now()) : null;
    if (aloneSinceMillis !== null && performance.now() - aloneSinceMillis > MOST_ALONE_MILLIS) throw noProcessor(view);
    await pause(LOOK_MILLIS, ports.signal);
  }
}

const hasProcessor = async (leases: Leases): Promise<boolean> =>
  (await leases.holders(STREAM_LEASE)).some(({ name }) => name === STREAM_LEASE);

/** A server that was just started has not begun yet. */
async function requireProcessor({ leases, signal }: StreamedRunPorts, view: ServableView): Promise<void> {
  for (const startMillis = performance.now(); !(await hasProcessor(leases)); await pause(LOOK_MILLIS, signal))
    if (performance.now() - startMillis > MOST_START_MILLIS) throw noProcessor(view);
}

const noProcessor = ({ name, source }: ServableView): PlumbError =>
  new PlumbError(
    'NOT_SERVED',
    `no process applies the events of ${source}, so ${name} is not rebuilt: run \`plumb serve\` (duty stream), and ask again`,
    { details: { view: name, source } },
  );
