// What `plumb status` tells of each view.
import { PlumbError } from '../../schemas/errors.ts';
import type { StreamState } from '../../schemas/wire-types.ts';
import type { Catalog, ServableView } from '../catalog/catalog.ts';
import { isOnline, isStreamed, servableViews } from '../catalog/look-up.ts';
import type { EventLog } from '../ingest/event-log.ts';
import { formatInstant } from '../instant.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { generationBy, generationsOf, type LiveGeneration, type ServingState } from '../online/serving-state.ts';
import { type LeaseHolder, type Leases, viewLease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { type HeldView, heldViews, type LostView } from './bound/held-views.ts';
import { placeOf } from './generation.ts';
import { readState } from './publish.ts';
import { pendingRun } from './recover.ts';
import type { RunReport, ViewStatus } from './run.ts';
import { RunHistory } from './run-history.ts';
import { type StreamLag, streamLag } from './streams/stream-lag.ts';
import { unreadText } from './unread-files.ts';

export interface StatusPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
  /** A registered version, for what bound training sets need. */
  readonly version: (version: number) => Promise<Catalog>;
  /** Absent: how far streams are behind is not told. */
  readonly log?: () => Promise<EventLog>;
}

export async function status(ports: StatusPorts, everything: boolean): Promise<readonly ViewStatus[]> {
  const catalog = await ports.catalog();
  const holders = await ports.leases.holders(viewLease(''));
  const { held, lost } = await heldViews(ports);
  const since = (name: string): bigint | undefined => catalog.viewsSince?.get(name)?.micros;
  const present = servableViews(catalog).map((view) => ({
    ...{ view, boundTo: [], sinceMicros: since(view.name), isStreamed: isStreamed(catalog, view) },
  }));
  const all = inOrder([...present, ...held]);
  const runningBy = (name: string): LeaseHolder | null =>
    holders.find((holder) => holder.name === viewLease(name)) ?? null;
  const found = await Promise.all(
    all.map((one) => viewStatus(ports, one, { runningBy: runningBy(one.view.name), everything })),
  );
  return [...found, ...lost.map(lostStatus)];
}

type Shown = Pick<HeldView, 'view' | 'boundTo'> & {
  readonly sinceMicros?: bigint | undefined;
  readonly isStreamed?: boolean;
};

const timedBy = ({ refresh, schedule, online }: ServableView): ViewStatus['timed'] => ({
  refresh,
  ...(schedule === undefined ? {} : { schedule }),
  ...(online === undefined ? {} : { online }),
});

/** Former definitions behind the present one of their view. */
const inOrder = (all: readonly Shown[]): readonly Shown[] =>
  [...Map.groupBy(all, ({ view }) => view.name).values()].flat();

/** Of a generation that is there and whose definition is not known any more. */
const lostStatus = ({ name, boundTo, error }: LostView): ViewStatus => ({
  ...{ view: name, boundTo, timed: { refresh: null }, kind: 'row', online: true, watermark: null, generation: null },
  ...{ changed: false, emptied: false, pendingRun: null, runningBy: null, lastRuns: [], unread: null },
  damaged: [error.message],
});

/** Of that definition. */
const isOwn = ({ boundTo }: Shown, run: RunReport): boolean =>
  boundTo.length === 0 ? run.boundTo === undefined : (run.boundTo ?? []).some((set) => boundTo.includes(set));

const RUNS_SHOWN = 10;
/** Of several definitions. */
const RUNS_READ = 40;

interface Looked {
  readonly runningBy: LeaseHolder | null;
  readonly everything: boolean;
}

async function viewStatus(ports: StatusPorts, shown: Shown, looked: Looked): Promise<ViewStatus> {
  const { view, boundTo } = shown;
  const isFormer = boundTo.length > 0;
  const history = new RunHistory(ports.store, view.name);
  const damage = new Damage();
  if (looked.runningBy?.isDamaged === true) damage.add(damagedLease(view.name));
  const { bytes, state } = await readState(ports.online, view.name);
  const live = isFormer ? generationBy(state, view.fingerprint) : state.live;
  const mayBeMixed = isFormer || state.bound !== undefined;
  const reports = await history.lastReports(mayBeMixed ? RUNS_READ : RUNS_SHOWN, (error) => damage.add(error.message));
  const lastRuns = reports.filter((run) => isOwn(shown, run)).slice(0, RUNS_SHOWN);
  const placed = { view, place: placeOf(shown) };
  const pending = await damage.read(() => pendingRun({ online: ports.online, history }, placed));
  const isOfRuns = live !== null && live.stream === undefined;
  const lag = live === null ? null : await streamLag({ log: noLog, ...ports }, view.name, live);
  const manifest = !isOfRuns ? null : await damage.read(() => history.findManifest(live.run));
  const lost = !isOfRuns ? new Damage() : await lostOf(history, live.run, { manifest, ...looked });
  // Another run may have gone live meanwhile, and a collection have removed this one.
  if (lost.messages.length > 0 && (await isStill(ports.online, view.name, live)))
    for (const message of lost.messages) damage.add(message);
  return {
    view: view.name,
    ...(isFormer ? { boundTo } : {}),
    timed: { ...timedBy(view), sinceMicros: shown.sinceMicros },
    kind: view.kind,
    online: isOnline(view),
    watermark: watermarkOf(live, lag),
    ...(shown.isStreamed === true || lag !== null ? { stream: streamState(view, state, lag) } : {}),
    generation: live?.id ?? null,
    changed: live !== null && live.fingerprint !== view.fingerprint,
    emptied: !isFormer && bytes === null && lastRuns.some(({ outcome }) => outcome === 'succeeded'),
    pendingRun: pending?.manifest.run ?? null,
    runningBy: looked.runningBy,
    lastRuns,
    unread: manifest?.unread === undefined ? null : unreadText(view.name, manifest.unread),
    damaged: damage.messages,
  };
}

const noLog = async (): Promise<never> => {
  throw new PlumbError('NOT_SUPPORTED', 'the event log is not read here');
};

function watermarkOf(live: LiveGeneration | null, lag: StreamLag | null): string | null {
  const micros = lag === null ? live?.watermarkMicros : lag.appliedMicros;
  return micros == null ? null : formatInstant(micros);
}

const streamState = ({ source }: ServableView, { filling }: ServingState, lag: StreamLag | null): StreamState => ({
  source: lag?.source ?? source,
  isLive: lag !== null,
  isFilling: filling !== undefined,
  lagEvents: lag?.events ?? null,
  lagSeconds: lag?.seconds ?? null,
});

const isStill = async (online: OnlineStore, view: string, live: LiveGeneration | null): Promise<boolean> =>
  generationsOf((await readState(online, view)).state).some(({ id, run }) => id === live?.id && run === live.run);

/** What the live run and, with `everything`, those that it builds on have lost. */
async function lostOf(
  history: RunHistory,
  run: string,
  { manifest, everything }: Pick<Looked, 'everything'> & { readonly manifest: RunManifest | null },
): Promise<Damage> {
  const lost = new Damage();
  if (manifest === null) await lost.read(() => history.manifest(run));
  for (const one of everything ? (manifest?.chain ?? []) : [])
    for (const missing of (await lost.read(() => history.missingParts(one))) ?? []) lost.add(missing);
  return lost;
}

const damagedLease = (view: string): string =>
  `the lease of ${view} is damaged: the next run waits until it is sure that nobody holds it, and takes its place; nothing is to be done`;

/** Gathers what is damaged, so that the rest is told. */
class Damage {
  readonly #messages = new Set<string>();

  add(message: string): void {
    this.#messages.add(message);
  }

  async read<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
      this.add(error.message);
      return null;
    }
  }

  get messages(): readonly string[] {
    return [...this.#messages];
  }
}
