// The alert rules and the dashboard name metrics that a server really has, and labels that they really have.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { tempProject } from '../e2e/project.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';
import { until } from '../waiting.ts';

const read = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../deploy/monitoring/${name}`, import.meta.url)), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

const rules = (parse(await read('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { panels } = JSON.parse(await read('dashboard.json')) as { readonly panels: readonly Panel[] };
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

/** Names of metrics in an expression, as they are sampled. */
const metricsIn = (expression: string): readonly string[] => [
  ...new Set(expression.match(/\b(plumb|process|nodejs)_\w+/g) ?? []),
];
/** `plumb_jobs_seconds_bucket` → `plumb_jobs_seconds`, where that is a histogram. */
const familyOf = (name: string, types: ReadonlyMap<string, string>): string => {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(family) === 'histogram' ? family : name;
};

test('each metric of the alert rules and of the dashboard is in what a server returns, and so are its labels', async () => {
  const file =
    'project: shop\nengine: { kind: duckdb, threads: 1 }\nschedules: [{ name: nightly, cron: "0 3 * * *", run: "gc" }]\n';
  const project = await tempProject({ ...SHOP, 'plumb.yaml': file });
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  const server = await project.serve({
    PLUMB_SERVER_WORKERS: '2',
    PLUMB_SERVER_DUTIES: '["lookup","jobs","schedule"]',
  });
  const text = (await until(
    async () => {
      await fetch(`${server.url}/v1/status`);
      return await (await fetch(`${server.url}/metrics`)).text();
    },
    (answer) => /^plumb_schedule_runs_total\{/m.test(answer) && /^plumb_view_overdue_seconds\{/m.test(answer),
  )) as string;
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  for (const expression of expressions) {
    const names = metricsIn(expression);
    assert.ok(names.length > 0, expression);
    for (const name of names) assert.ok(types.has(familyOf(name, types)), `${name} of ${expression}`);
  }
  for (const [, selected = ''] of expressions.join('\n').matchAll(/by \(([^)]*)\)/g))
    for (const label of selected.split(/,\s*/))
      assert.match(`${text} instance="" code="" node=""`, new RegExp(`\\b${label}="`), label);
  const samples = (name: string) => [...text.matchAll(new RegExp(`^${name}\\{view="(\\w+)"\\} (\\S+)$`, 'gm'))];
  assert.deepEqual(
    samples('plumb_view_materialized').map(([, view, value]) => [view, value]),
    [
      ['profile', '1'],
      ['spending', '1'],
    ],
  );
  assert.deepEqual(
    samples('plumb_view_overdue_seconds').map(([, view]) => view),
    ['spending'],
    'nothing is expected of profile',
  );
});

test('each rule says how bad it is and what it is, and panels do not overlap', () => {
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^Plumb[A-Z]\w+$/);
    assert.match(labels.severity ?? '', /^(warning|critical)$/, alert);
    assert.ok((annotations.summary ?? '').length > 10, alert);
  }
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { title, gridPos, targets } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});
