// Puts what was online when a backup was made online again: the rows of the same runs, in the same generation, at the same
// watermark. A view that the store has already is left alone. A cut in the middle is finished by the same call.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import { type Leases, viewLease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { publish, readState } from './publish.ts';
import { RunHistory } from './run-history.ts';
import type { PublishPorts } from './run-ports.ts';
import { RunTrace } from './run-trace.ts';

export interface PutBackPorts extends Omit<PublishPorts, 'history' | 'trace'> {
  readonly store: ObjectStore;
  readonly leases: Leases;
  /** A registered version. */
  readonly version: (version: number) => Promise<Catalog>;
}

/** What was live, by the words of a backup. */
export interface FormerServing {
  readonly view: string;
  readonly generation: string;
  readonly run: string;
  readonly watermark: string;
  readonly token: string;
  readonly rebuildCount: number;
}

export interface ServingPutBack {
  readonly view: string;
  /** `other`: the store has another run of the view live, and keeps it. */
  readonly outcome: 'filled' | 'present' | 'other' | 'failed' | 'to_fill';
  readonly run: string;
  readonly watermark: string;
  readonly rows: number;
  readonly notice: string | null;
}

/** Looks only: null where the view is to be filled. */
export async function foundOnline(
  { online }: Pick<PutBackPorts, 'online'>,
  former: FormerServing,
): Promise<ServingPutBack | null> {
  const { live } = (await readState(online, former.view)).state;
  return live === null ? null : found(former, live);
}

export async function putBack(
  ports: PutBackPorts,
  former: FormerServing,
  onRows: (rowsDone: number) => void,
): Promise<ServingPutBack> {
  const { store, online, leases, signal } = ports;
  const purpose = `restoring ${former.view}`;
  try {
    await using lease = await leases.acquire(viewLease(former.view), { purpose, signal });
    const { state } = await readState(online, former.view);
    if (state.live !== null) return found(former, state.live);
    const history = new RunHistory(store, former.view);
    const manifest = await history.manifest(former.run);
    const view = await viewOf(ports, manifest);
    await history.verifyChain(manifest);
    const own = { history, trace: new RunTrace(), signal: AbortSignal.any([signal, lease.signal]) };
    const token = BigInt(former.token) > state.token ? BigInt(former.token) : state.token;
    const rebuildCount = Math.max(former.rebuildCount, state.rebuildCount);
    const claim = { basedOn: null, plannedToken: state.token, token };
    let rows = 0;
    await publish(
      { ...ports, ...own },
      { view, manifest, generation: former.generation, rebuildCount, ...claim },
      (done) => {
        rows = done;
        onRows(done);
      },
    );
    return { ...about(former), outcome: 'filled', rows, notice: null };
  } catch (error) {
    if (signal.aborted || !(error instanceof PlumbError)) throw error;
    return { ...about(former), outcome: 'failed', rows: 0, notice: error.message };
  }
}

const about = ({ view, run, watermark }: FormerServing) => ({ view, run, watermark });

function found(former: FormerServing, live: LiveGeneration): ServingPutBack {
  const isSame = live.run === former.run && live.id === former.generation;
  const notice = `the online store has run ${live.run} live and keeps it; \`plumb materialize ${former.view} --full\` follows it`;
  return { ...about(former), outcome: isSame ? 'present' : 'other', rows: 0, notice: isSame ? null : notice };
}

/** As it was when the run was made: what is registered now may be another definition, which no run has filled yet. */
async function viewOf({ version }: PutBackPorts, manifest: RunManifest): Promise<FeatureView> {
  const view = (await version(manifest.registryVersion)).views.get(manifest.view);
  if (view?.fingerprint === manifest.fingerprint) return view;
  const message = `run ${manifest.run} of ${manifest.view} was made of registry version ${manifest.registryVersion}, which has no such view; run \`plumb materialize ${manifest.view} --full\``;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { view: manifest.view } });
}
