// What `plumb status` tells of each view.
import { formatInstant } from '../instant.ts';
import { type LeaseHolder, type Leases, viewLease } from '../leases/lease.ts';
import type { ObjectStore } from '../offline/object-store.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Catalog, FeatureView } from '../registry/catalog.ts';
import { readState } from './publish.ts';
import { pendingRun } from './recover.ts';
import type { ViewStatus } from './run.ts';
import { RunHistory } from './run-history.ts';

export interface StatusPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
}

export async function status(options: StatusPorts): Promise<readonly ViewStatus[]> {
  const catalog = await options.catalog();
  const holders = await options.leases.holders(viewLease(''));
  const runningBy = ({ name }: FeatureView): LeaseHolder | null =>
    holders.find((holder) => holder.name === viewLease(name)) ?? null;
  return await Promise.all([...catalog.views.values()].map((view) => viewStatus(options, view, runningBy(view))));
}

async function viewStatus(options: StatusPorts, view: FeatureView, runningBy: LeaseHolder | null): Promise<ViewStatus> {
  const history = new RunHistory(options.store, view.name);
  const { bytes, state } = await readState(options.online, view.name);
  const { live } = state;
  const lastRuns = await history.lastReports(10);
  const pending = await pendingRun({ online: options.online, history }, view);
  return {
    view: view.name,
    kind: view.kind,
    watermark: live === null ? null : formatInstant(live.watermarkMicros),
    generation: live?.id ?? null,
    changed: live !== null && live.fingerprint !== view.fingerprint,
    emptied: bytes === null && lastRuns.some(({ outcome }) => outcome === 'succeeded'),
    pendingRun: pending?.manifest.run ?? null,
    runningBy,
    lastRuns,
  };
}
