import { readdirSync, readFileSync } from 'node:fs';
import { evaluateFeatures } from '/work/main/src/testing/index.ts';
import { compareTraining } from '/work/main/test/oracle/compare.ts';
import { expectedTraining } from '/work/main/test/oracle/naive-evaluator.ts';
const dir = '/work/main/test/conformance/cases/';
const only = process.argv[2];
for (const f of readdirSync(dir)) {
  if (only && !f.includes(only)) continue;
  const text = readFileSync(dir + f, 'utf8');
  const c = JSON.parse(text);
  const big = (v: unknown) => typeof v === 'string' && /^-?\d{16,}$/.test(v) ? BigInt(v) : v;
  const rowsOf = (t: any) => t.rows.map((r: any[]) => Object.fromEntries(t.columns.map(([n, ty]: string[], i: number) => [n, ty.startsWith('int') ? big(r[i]) : r[i]])));
  const t0 = performance.now();
  try {
    const rows = await evaluateFeatures({ definitions: c.definitions, tables: Object.fromEntries(Object.entries(c.tables).map(([n, t]) => [n, rowsOf(t)])), service: c.service, at: rowsOf(c.labels), timestampColumn: c.labels.timestampColumn });
    const want = expectedTraining(c);
    const bad = compareTraining(want, { columns: want.columns, rows: rows.map((r) => want.columns.map((n) => r[n])) } as any);
    console.log((performance.now() - t0).toFixed(0), f, bad ?? 'ok');
  } catch (e) { console.log((performance.now() - t0).toFixed(0), f, 'ERR', c.expected.error ? '(expected)' : '', (e as Error).message.slice(0, 1500), (e as any).details?.sql?.slice(0, 3000) ?? (e as Error).stack); }
}
