// One erasure from its record to its report; and what it would do.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { ErasedView, ErasureReport } from '../../schemas/wire-types.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { quote } from '../quote.ts';
import { GC_LEASE } from '../storage/leases/lease.ts';
import { eraseDatasets } from './erase-datasets.ts';
import { eraseReports, type NamedInReports } from './erase-reports.ts';
import { countInView, eraseOnlineAtOnce, eraseView, viewNames } from './erase-view.ts';
import { erasedEntity } from './erased-entity.ts';
import type { Erasing, ErasingPorts } from './erasing.ts';
import type { Eraser, ForgetRequest, OnErasureProgress } from './erasure.ts';
import { ErasureRecords, erasureOf } from './erasure-records.ts';
import { heldBySources } from './held-by-sources.ts';
import { requestedKeys } from './requested-keys.ts';
import { underLeases } from './under-leases.ts';

export const createEraser = (ports: ErasingPorts): Eraser => {
  const records = new ErasureRecords(ports.store);
  return {
    preview: (request, onProgress = () => {}) => preview({ ports, records, onProgress }, request),
    finish: (id, onProgress = () => {}) => finish({ ports, records, onProgress }, id),
  };
};

interface Asked {
  readonly ports: ErasingPorts;
  readonly records: ErasureRecords;
  readonly onProgress: OnErasureProgress;
}

async function preview(asked: Asked, request: ForgetRequest): Promise<ErasureReport> {
  const wanted = requestedKeys(await erasedEntity(asked.ports, request.entity), request);
  const erasure: Erasure = { id: '', ...wanted, beforeMicros: nowMicros(), isPending: true };
  return await withErasing(asked, { erasure, dryRun: true }, async (erasing) => {
    const views: ErasedView[] = [];
    for (const view of await viewNames(erasing)) views.push(await countInView(erasing, view));
    const datasets = await eraseDatasets(erasing);
    return await reportOf(erasing, { views, datasets, reports: await eraseReports(erasing) });
  });
}

async function finish(asked: Asked, id: string): Promise<ErasureReport> {
  const { records } = asked;
  const record = await records.find(id);
  if (record === null)
    throw new PlumbError('UNKNOWN_NAME', `there is no erasure ${quote(id)}`, { details: { name: id } });
  const before = await records.report(id);
  if (before !== null) return before;
  failpoint('erasure.recorded');
  return await withErasing(asked, { erasure: erasureOf(record, true), dryRun: false }, async (erasing) => {
    const report = await eraseAll(asked, erasing);
    failpoint('erasure.before_report');
    await records.writeReport(id, report);
    return report;
  });
}

async function eraseAll({ records }: Asked, erasing: Erasing): Promise<ErasureReport> {
  const { erasure, onProgress } = erasing;
  const names = await viewNames(erasing);
  const online = await countsKept(records, erasing, await onlineAtOnce(erasing, names));
  const views: ErasedView[] = [];
  for (const [done, view] of names.entries()) {
    onProgress({ doing: `view ${view}`, done, total: names.length });
    const erased = await eraseView(erasing, view);
    views.push({ ...erased, online: Math.max(erased.online, online[view] ?? 0) });
    failpoint('erasure.view_done');
  }
  const datasets = await eraseDatasets(erasing);
  const reports = await reportsKept(records, erasing);
  // The cursor of a collection has the key that it looked at last, which may be an erased one.
  const cursor = { names: [GC_LEASE], purpose: `ending the erasure ${erasure.id}` };
  await underLeases(erasing, cursor, ({ store }) => store.delete(['gc/cursor.json']));
  return await reportOf(erasing, { views, datasets, reports });
}

/** Counted before they are removed: what is cut off in between is known to the next attempt. */
async function onlineAtOnce(erasing: Erasing, names: readonly string[]): Promise<Record<string, number>> {
  const online: Record<string, number> = {};
  for (const view of names) online[view] = await eraseOnlineAtOnce({ ...erasing, dryRun: true }, view);
  return online;
}

async function countsKept(
  records: ErasureRecords,
  erasing: Erasing,
  now: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  const { id } = erasing.erasure;
  const before = await records.found(id);
  const online = Object.fromEntries(
    Object.entries(now).map(([view, count]) => [view, Math.max(count, before.online[view] ?? 0)]),
  );
  await records.writeFound(id, { ...before, online });
  failpoint('erasure.counted');
  for (const view of Object.keys(now)) await eraseOnlineAtOnce(erasing, view);
  return online;
}

async function reportsKept(records: ErasureRecords, erasing: Erasing): Promise<NamedInReports> {
  const { id } = erasing.erasure;
  const now = await eraseReports({ ...erasing, dryRun: true });
  const before = await records.found(id);
  const most = {
    reports: Math.max(now.reports, before.reports),
    examples: Math.max(now.examples, before.examples),
  };
  await records.writeFound(id, { ...before, ...most });
  await eraseReports(erasing);
  return most;
}

async function withErasing<T>(
  { ports, records, onProgress }: Asked,
  { erasure, dryRun }: Pick<Erasing, 'erasure' | 'dryRun'>,
  work: (erasing: Erasing) => Promise<T>,
): Promise<T> {
  const catalog = await ports.catalog();
  const all = await records.all();
  const pending = new Set(all.filter(({ isPending }) => isPending).map(({ id }) => id));
  const folder = await ports.store.workFolder();
  try {
    const about = { catalog, erasure, pending, dryRun, folder, onProgress, left: new Map<string, string>() };
    return await work({ ...ports, ...about, assertHeld: async () => {} });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOf(
  erasing: Erasing,
  { views, ...found }: Pick<ErasureReport, 'views' | 'datasets' | 'reports'>,
): Promise<ErasureReport> {
  const { erasure, dryRun, left } = erasing;
  const before = formatInstant(erasure.beforeMicros);
  return {
    id: dryRun ? null : erasure.id,
    ...{ entity: erasure.entity, keys: erasure.keys.length, before, dryRun },
    views: views.filter(({ online, parts }) => online > 0 || parts > 0),
    ...found,
    sources: await heldBySources(erasing),
    left: [...[...left].map(([what, why]) => ({ what, why })), ...NOT_OURS(before)],
    finishedAt: formatInstant(nowMicros()),
  };
}

/** What Plumb cannot look into: it is in every report. */
const NOT_OURS = (before: string): ErasureReport['left'] => [
  {
    what: `backups made before ${before}`,
    why: 'they are not rewritten: remove them when they are no longer needed; a restore from a place that also has a newer backup erases the keys again',
  },
  { what: 'files that were exported, and labels that were given', why: 'they belong to those who have them' },
];
