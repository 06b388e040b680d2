// Reports of verifications name keys in their examples: these go, the counts stay.

import type { Value } from '../../schemas/types.ts';
import type { VerifyReport } from '../../schemas/wire-types.ts';
import { keyText } from '../catalog/erasures.ts';
import { failpoint } from '../failpoint.ts';
import { jsonText } from '../json-text.ts';
import { parseJson } from '../lossless-json.ts';
import type { Erasing } from './erasing.ts';

export interface NamedInReports {
  readonly reports: number;
  readonly examples: number;
}

export async function eraseReports(erasing: Erasing): Promise<NamedInReports> {
  const { store, dryRun } = erasing;
  let [reports, examples] = [0, 0];
  for (const { key } of await store.list('reports/')) {
    const content = await store.get(key);
    const report = content === null ? null : reportIn(content, key);
    if (report === null) continue;
    const kept = report.examples.filter((example) => !namesKey(erasing, example));
    if (kept.length === report.examples.length) continue;
    reports += 1;
    examples += report.examples.length - kept.length;
    if (!dryRun) await store.put(key, Buffer.from(jsonText({ ...report, examples: kept })));
    failpoint('erasure.report_redacted');
  }
  return { reports, examples };
}

/** null: damaged, and nothing that anybody can read. */
function reportIn(content: Uint8Array, key: string): VerifyReport | null {
  try {
    const report = parseJson(Buffer.from(content).toString(), key) as unknown as VerifyReport;
    return Array.isArray(report.examples) ? report : null;
  } catch {
    return null;
  }
}

/** By the names of the entity's join keys: an example has those of its view. */
function namesKey({ erasure: { joinKeys, keys } }: Erasing, { entity }: VerifyReport['examples'][number]): boolean {
  const texts = joinKeys.map(({ name }) => (Object.hasOwn(entity, name) ? keyText(entity[name] as Value) : null));
  return keys.some((key) => key.every((text, i) => text === texts[i]));
}
