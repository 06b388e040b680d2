// Reports of verifications, kept under the storage as they were: reports/<number, 8 digits>.json. The newest of them stay.
import { PlumbError } from '../../schemas/errors.ts';
import type { VerifyReport, VerifyReportSummary } from '../../schemas/wire-types.ts';
import { jsonText } from '../json-text.ts';
import { parseJson } from '../lossless-json.ts';
import { quote } from '../quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';

const FOLDER = 'reports/';
const KEPT = 1000;

const keyOf = (id: string): string => `${FOLDER}${id}.json`;
const KEY = /^reports\/(\d{8})\.json$/;

/** Its number is the next one. */
export async function saveReport(store: ObjectStore, report: Omit<VerifyReport, 'id'>): Promise<VerifyReport> {
  for (;;) {
    const ids = await listIds(store);
    const saved = { id: String(Number(ids[0] ?? 0) + 1).padStart(8, '0'), ...report };
    if (!(await store.putIfAbsent(keyOf(saved.id), Buffer.from(jsonText(saved))))) continue;
    const gone = ids.slice(KEPT - 1);
    if (gone.length > 0) await store.delete(gone.map(keyOf));
    return saved;
  }
}

/** Newest first. */
async function listIds(store: ObjectStore): Promise<readonly string[]> {
  const objects = await store.list(FOLDER);
  return objects.flatMap(({ key }) => KEY.exec(key)?.[1] ?? []).toReversed();
}

export interface Reports {
  /** Newest first; `after` an id: those before it. */
  page(
    limit: number,
    after: string | null,
  ): Promise<{ readonly reports: readonly VerifyReportSummary[]; readonly next: string | null }>;
  /** UNKNOWN_NAME where there is no such report. */
  show(id: string): Promise<VerifyReport>;
}

export const createReports = (store: ObjectStore): Reports => ({
  page: async (limit, after) => {
    const ids = (await listIds(store)).filter((id) => after === null || id < after);
    const page = ids.slice(0, limit);
    const read = await Array.fromAsync(readEach(page, (id) => readReport(store, id)));
    const reports = read.filter((report) => report !== null).map(summaryOf);
    return { reports, next: ids.length > limit ? (page.at(-1) ?? null) : null };
  },
  show: async (id) => {
    const report = /^\d{8}$/.test(id) ? await readReport(store, id) : null;
    if (report !== null) return report;
    throw new PlumbError('UNKNOWN_NAME', `there is no report ${quote(id)}; GET /v1/reports lists those that are kept`, {
      details: { name: id },
    });
  },
});

async function readReport(store: ObjectStore, id: string): Promise<VerifyReport | null> {
  const bytes = await store.get(keyOf(id));
  if (bytes === null) return null;
  const text = Buffer.from(bytes).toString();
  try {
    return parseJson(text, keyOf(id)) as unknown as VerifyReport;
  } catch (cause) {
    throw new PlumbError('STORAGE_CORRUPT', `${keyOf(id)} is damaged: remove it`, { cause });
  }
}

function summaryOf({ features, examples, skipped, changes, ...summary }: VerifyReport): VerifyReportSummary {
  return summary;
}
