// The example as a user runs it: apply, materialize, lookups at later and later instants, and training sets beside them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { OnlineFeaturesResponse } from '../../schemas/wire-types.ts';
import { answerOf } from '../../test/e2e/http-client.ts';
import { lookup, tempProject } from '../../test/e2e/project.ts';
import { blocksOf, runSession } from '../../test/examples/page-session.ts';

const RUN = '2026-03-08T12:00:00Z';
const FILES = ['plumb.yaml', 'features/clicks.yaml', 'data/clicks.jsonl', 'labels.csv'];
const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');
const project = await tempProject(
  Object.fromEntries(await Promise.all(FILES.map(async (name) => [name, await read(name)]))),
);
assert.equal((await project.plumb('apply')).code, 0);
assert.equal((await project.plumb('materialize', '--until', RUN)).code, 0);
const { url } = await project.serve();

type Values = Readonly<Record<string, unknown>>;

/** One object for each user, as the server answers at that instant. */
async function served(users: readonly number[], at: string): Promise<readonly Values[]> {
  const body = { service: 'visitor', entities: users.map((user_id) => ({ user_id })), at };
  const { features, rows } = await answerOf<OnlineFeaturesResponse>(await lookup(url, body));
  return rows.map((row) => Object.fromEntries(features.map((name, i) => [name, row[i]])));
}

/** The training set of a table of labels, without the labels' own columns. */
async function trained(labels: string): Promise<readonly Values[]> {
  await project.write('asked.csv', labels);
  const argv = ['--service', 'visitor', '--labels', 'asked.csv', '--name', 'asked', '--out', 'asked.jsonl'];
  assert.equal((await project.plumb('dataset', 'create', ...argv)).code, 0);
  const lines = (await project.read('asked.jsonl')).trimEnd().split('\n');
  const isFeature = ([name]: [string, unknown]): boolean => name.includes('__');
  return lines.map((line) => Object.fromEntries(Object.entries(JSON.parse(line)).filter(isFeature)));
}

const VISITS = ['visits_7d', 'clicks_per_visit_7d', 'seconds_of_last_visit', 'clicks_of_open_visit'];
const visitsOf = (values: Values | undefined): readonly unknown[] => VISITS.map((name) => values?.[`visits__${name}`]);
const pagesOf = (values: Values | undefined): string =>
  JSON.stringify([values?.visits__top_pages_7d, values?.site__top_pages_1d, values?.site__top_page_names_1d]);

test('visits of a 30-minute gap, clicks of a week and top pages, at the instant of the run', async () => {
  const [first, second, third, nobody] = await served([1, 2, 3, 9], RUN);
  assert.deepEqual(visitsOf(first), [3, 7 / 3, 2700, 3], '30 minutes between two clicks are one visit, 31 are two');
  assert.deepEqual(visitsOf(second), [3, 4 / 3, 0, 1]);
  assert.deepEqual(visitsOf(third), [0, null, null, 0]);
  assert.deepEqual(visitsOf(nobody), [0, null, null, 0]);
  const weeks = [first, second, third].map((values) => [values?.visits__clicks_7d, values?.visits__clicks_week_before]);
  assert.deepEqual(weeks, [
    [7, 0],
    [4, 0],
    [0, 1],
  ]);
  const everybody = '{"hats":2,"cart":1,"home":1},["hats","cart","home"]';
  assert.equal(pagesOf(first), `[{"shoes":3,"cart":2,"home":2},${everybody}]`);
  assert.equal(pagesOf(nobody), `[{},${everybody}]`);
});

test('later the same run gives other values: a visit ends, and clicks leave the week', async () => {
  const open = async (at: string): Promise<unknown> => (await served([1], at))[0]?.visits__clicks_of_open_visit;
  assert.equal(await open('2026-03-08T12:15:00Z'), 3);
  assert.equal(await open('2026-03-08T12:15:00.000001Z'), 0);
  const [monday] = await served([1], '2026-03-09T10:00:00Z');
  assert.deepEqual(visitsOf(monday), [2, 2, 2700, 0], 'of the visits of a week ago one is gone');
  assert.deepEqual([monday?.visits__clicks_7d, monday?.visits__clicks_week_before], [4, 3]);
});

test('every served value is that of a training set with the same user and instant', async () => {
  const users = [1, 2, 3, 9];
  const instants = [RUN, '2026-03-08T12:15:00Z', '2026-03-08T12:15:00.000001Z', '2026-03-09T10:00:00Z'];
  const labels = instants.flatMap((at) => users.map((user) => `${user},${at}`));
  const training = await trained(`user_id,event_timestamp\n${labels.join('\n')}\n`);
  const answers = (await Promise.all(instants.map((at) => served(users, at)))).flat();
  assert.deepEqual(answers, training);
  assert.deepEqual(answers.map(pagesOf), training.map(pagesOf), 'in the same order of keys');
  assert.equal(answers.flatMap((values) => Object.keys(values)).length, 4 * 4 * 9, 'nothing is left out');
});

test('a label sees the clicks before it, and not the click that it is about', async () => {
  const rows = await trained(await read('labels.csv'));
  assert.deepEqual(rows.map(visitsOf), [
    [1, 2, 600, 2],
    [3, 5 / 3, 0, 1],
    [3, 2, 1200, 2],
    [1, 2, 300, 0],
  ]);
  assert.deepEqual(
    rows.map(({ visits__clicks_7d }) => visits__clicks_7d),
    [2, 5, 6, 2],
  );
  assert.equal(pagesOf(rows[1]), '[{"home":2,"shoes":2,"cart":1},{"hats":1,"home":1},["hats","home"]]');
});

test('the commands of its README work, in their order', async () => {
  const before = `export PATH="$(mktemp -d):$PATH"; ln -s "$PWD/bin/plumb.js" "\${PATH%%:*}/plumb"
    cp -r examples/clicks "$TMPDIR/clicks"; cd "$TMPDIR/clicks"; rm -rf .plumb`;
  const { code, out } = await runSession(await blocksOf('examples/clicks/README.md'), before);
  assert.equal(code, 0, out);
  assert.match(out, /clicks_of_open_visit +3 [\s\S]*clicks_of_open_visit +0 /);
  assert.match(out, /Created visitors@1: 4 rows, 12 columns/);
  const [, equal, compared] = /^([\d,]+) of ([\d,]+) values are equal/m.exec(out) ?? [];
  assert.ok(equal !== undefined && equal === compared, out);
});
