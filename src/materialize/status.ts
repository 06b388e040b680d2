// What `plumb status` tells of each view.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { isOnline } from '../catalog/look-up.ts';
import { formatInstant } from '../instant.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { type LeaseHolder, type Leases, viewLease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readState } from './publish.ts';
import { pendingRun } from './recover.ts';
import type { ViewStatus } from './run.ts';
import { RunHistory } from './run-history.ts';
import { unreadText } from './unread-files.ts';

export interface StatusPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
}

export async function status(ports: StatusPorts, everything: boolean): Promise<readonly ViewStatus[]> {
  const catalog = await ports.catalog();
  const holders = await ports.leases.holders(viewLease(''));
  const runningBy = ({ name }: FeatureView): LeaseHolder | null =>
    holders.find((holder) => holder.name === viewLease(name)) ?? null;
  return await Promise.all(
    [...catalog.views.values()].map((view) => viewStatus(ports, view, { runningBy: runningBy(view), everything })),
  );
}

interface Looked {
  readonly runningBy: LeaseHolder | null;
  readonly everything: boolean;
}

async function viewStatus(ports: StatusPorts, view: FeatureView, looked: Looked): Promise<ViewStatus> {
  const history = new RunHistory(ports.store, view.name);
  const damage = new Damage();
  if (looked.runningBy?.isDamaged === true) damage.add(damagedLease(view.name));
  const { bytes, state } = await readState(ports.online, view.name);
  const { live } = state;
  const lastRuns = await history.lastReports(10, (error) => damage.add(error.message));
  const pending = await damage.read(() => pendingRun({ online: ports.online, history }, view));
  const manifest = live === null ? null : await damage.read(() => history.findManifest(live.run));
  const lost = live === null ? new Damage() : await lostOf(history, live.run, { manifest, ...looked });
  // Another run may have gone live meanwhile, and a collection have removed this one.
  if (lost.messages.length > 0 && (await readState(ports.online, view.name)).state.live?.run === live?.run)
    for (const message of lost.messages) damage.add(message);
  return {
    view: view.name,
    kind: view.kind,
    online: isOnline(view),
    watermark: live === null ? null : formatInstant(live.watermarkMicros),
    generation: live?.id ?? null,
    changed: live !== null && live.fingerprint !== view.fingerprint,
    emptied: bytes === null && lastRuns.some(({ outcome }) => outcome === 'succeeded'),
    pendingRun: pending?.manifest.run ?? null,
    runningBy: looked.runningBy,
    lastRuns,
    unread: manifest?.unread === undefined ? null : unreadText(view.name, manifest.unread),
    damaged: damage.messages,
  };
}

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
