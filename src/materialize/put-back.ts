// Puts what was online when a backup was made online again: the rows of the same runs, in the same generation, at the same
// watermark. A view that the store has already is left alone. A cut in the middle is finished by the same call.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, ServableView } from '../catalog/catalog.ts';
import { servableViews } from '../catalog/look-up.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import { generationsOf, type LiveGeneration, type ServingState } from '../online/serving-state.ts';
import { type Leases, viewLease } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { settle } from './bound/bound-generations.ts';
import { formerOf, type Place } from './generation.ts';
import { publish, readState } from './publish.ts';
import { RunHistory } from './run-history.ts';
import type { PublishPorts } from './run-ports.ts';
import { RunTrace } from './run-trace.ts';

export interface PutBackPorts extends Omit<PublishPorts, 'catalog' | 'history' | 'trace' | 'settle'> {
  readonly store: ObjectStore;
  readonly leases: Leases;
  /** A registered version. */
  readonly version: (version: number) => Promise<Catalog>;
  readonly catalog: () => Promise<Catalog>;
}

/** What was live, by the words of a backup. */
export interface FormerServing {
  readonly view: string;
  readonly generation: string;
  readonly run: string;
  readonly watermark: string;
  readonly token: string;
  readonly rebuildCount: number;
  /** Absent: the live one. */
  readonly place?: Place | undefined;
}

export interface ServingPutBack {
  readonly view: string;
  /** True of a former definition, held for bound training sets; absent of the present one. */
  readonly isFormer?: boolean;
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
  const there = thereOf((await readState(online, former.view)).state, former);
  return there === null ? null : found(former, there);
}

/** In its place; what was held beside a live one is asked for by its name. */
function thereOf(state: ServingState, { place = 'live', generation }: FormerServing): LiveGeneration | null {
  if (place === 'live') return state.live;
  return generationsOf(state).find(({ id }) => id === generation) ?? null;
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
    const there = thereOf(state, former);
    if (there !== null) return found(former, there);
    const history = new RunHistory(store, former.view);
    const manifest = await history.manifest(former.run);
    const catalog = await ports.version(manifest.registryVersion);
    const view = viewOf(catalog, manifest);
    await history.verifyChain(manifest);
    const settling: PublishPorts['settle'] = (name, next) => settle(ports, name, next);
    const own = { catalog, history, trace: new RunTrace(), settle: settling };
    const token = BigInt(former.token) > state.token ? BigInt(former.token) : state.token;
    const rebuildCount = Math.max(former.rebuildCount, state.rebuildCount);
    const { place = 'live' } = former;
    const claim = { basedOn: formerOf(state, view, place), plannedToken: state.token, token };
    let rows = 0;
    await whileHeld([lease], signal, (held) =>
      publish(
        { ...ports, ...own, signal: held.signal },
        { view, place, manifest, generation: former.generation, rebuildCount, ...claim },
        (done) => {
          rows = done;
          onRows(done);
        },
      ),
    );
    return { ...aboutFormer(former), outcome: 'filled', rows, notice: null };
  } catch (error) {
    if (signal.aborted || !(error instanceof PlumbError)) throw error;
    return { ...aboutFormer(former), outcome: 'failed', rows: 0, notice: error.message };
  }
}

/** What is said of it before and after. */
export const aboutFormer = ({ view, run, watermark, place }: FormerServing) => ({
  ...{ view, run, watermark },
  ...(place === 'bound' ? { isFormer: true } : {}),
});

function found(former: FormerServing, live: LiveGeneration): ServingPutBack {
  const isSame = live.run === former.run && live.id === former.generation;
  const notice = `the online store has run ${live.run} live and keeps it; \`plumb materialize ${former.view} --full\` follows it`;
  return { ...aboutFormer(former), outcome: isSame ? 'present' : 'other', rows: 0, notice: isSame ? null : notice };
}

/** As it was when the run was made: what is registered now may be another definition, which no run has filled yet. */
function viewOf(catalog: Catalog, manifest: RunManifest): ServableView {
  const view = servableViews(catalog).find(({ name }) => name === manifest.view);
  if (view?.fingerprint === manifest.fingerprint) return view;
  const message = `run ${manifest.run} of ${manifest.view} was made of registry version ${manifest.registryVersion}, which has no such view; run \`plumb materialize ${manifest.view} --full\``;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { view: manifest.view } });
}
