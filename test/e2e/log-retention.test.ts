// What leaves the log of a project is in its lake: served values and training sets are as before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GcReport } from '../../src/retention/collector.ts';
import { until } from '../waiting.ts';
import { pushTaps, servedTaps, TAPS, tap } from './live-taps.ts';
import { type RunningServe, tempProject } from './project.ts';

const PROJECT = 'project: shop\nserver: { port: 0 }\nlog: { retention: { maxAge: 1s } }\n';
const project = await tempProject({
  'plumb.yaml': PROJECT,
  'features/taps.yaml': TAPS,
});

const must = async (...args: readonly string[]) => {
  const { code, document } = await project.json(...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document as unknown as GcReport;
};
const served = async (server: RunningServe, row: readonly unknown[]) => {
  await until(async () => JSON.stringify(await servedTaps(server)) === JSON.stringify([row]));
};
async function trained(): Promise<unknown> {
  const label = { user_id: 7, event_timestamp: new Date().toISOString() };
  await project.write('labels.jsonl', `${JSON.stringify(label)}\n`);
  await must('dataset', 'create', '--service', 'all', '--labels', 'labels.jsonl', '--out', 'out.jsonl');
  const { spent__taps: taps, spent__cents: cents } = JSON.parse(await project.read('out.jsonl')) as Record<
    string,
    unknown
  >;
  return [taps, cents];
}

test('old events go from the log into the lake, and count once: served, learned, and after a rebuild', async () => {
  await must('apply');
  assert.deepEqual((await must('gc', '--dry-run')).removed, [], 'a project without a log');
  const server = await project.serve();
  assert.equal((await pushTaps(server, [tap(1), tap(2), tap(4)]))?.accepted, 3);
  await served(server, [3, 7]);
  const events = (bytes: number) => ({ kind: 'events', name: 'taps', items: 3, bytes });
  const dry = await until(
    () => must('gc', '--dry-run'),
    ({ removed }) => removed.length > 0,
  );
  const bytes = dry.removed[0]?.bytes ?? 0;
  assert.deepEqual(dry.removed, [events(bytes)]);
  assert.ok(bytes > 150 && bytes < 1000, `${bytes} bytes`);
  assert.deepEqual((await must('gc')).removed, [events(bytes)]);
  assert.deepEqual((await must('gc')).removed, []);
  assert.deepEqual(await trained(), [3, 7]);
  assert.equal((await pushTaps(server, [tap(8)]))?.accepted, 1);
  await served(server, [4, 15]);
  assert.deepEqual(await trained(), [4, 15]);
  await must('materialize', 'spent', '--full');
  await served(server, [4, 15]);
  await server.stop();
});

test('what is not applied stays, and the report says why', async () => {
  const server = await project.serve({ PLUMB_SERVER_DUTIES: '["lookup"]' });
  assert.equal((await pushTaps(server, [tap(16)]))?.accepted, 1);
  await server.stop();
  const held = { kind: 'events', name: 'taps', items: 1, why: 'they are not applied to view spent yet' };
  const leftOfLog = async () => (await must('gc')).left.filter(({ kind }) => kind === 'events');
  assert.deepEqual(await until(leftOfLog, ({ length }) => length > 0), [held]);
  const again = await project.serve();
  await served(again, [5, 31]);
  await again.stop();
  await project.write('plumb.yaml', `${PROJECT}online: { kind: memory }\n`);
  assert.deepEqual((await must('gc')).removed, [], 'only a server knows what its memory store has');
  await project.write('plumb.yaml', PROJECT);
  assert.deepEqual(
    (await must('gc')).removed.map(({ kind, items }) => [kind, items]),
    [['events', 1]],
  );
});
