// A continuous view with `schedule: cron`: the scheduler runs it as of the ticks, and each run brings the rows since the last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnlineFeaturesResponse, Schedule, SchedulePage } from '../../../schemas/wire-types.ts';
import { CONTINUOUS_DEFINITIONS, CONTINUOUS_SHOP, click, must, trained } from '../../e2e/continuous-shop.ts';
import { answerOf } from '../../e2e/http-client.ts';
import { lookup, type RunningServe, tempProject } from '../../e2e/project.ts';
import { until } from '../../waiting.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SCHEDULED = CONTINUOUS_DEFINITIONS.replace(
  'source: clicks\n',
  'source: clicks\n    schedule: "* * * * *"\n',
).replaceAll('hop: 1h', 'hop: 1m');

const textOf = (millis: number): string => new Date(millis).toISOString().replace('.000Z', 'Z');

const nextTick = (): Promise<void> => sleep(MINUTE - (Date.now() % MINUTE));

/** What comes has to be done before the next run. */
const farFromTick = async (): Promise<void> => {
  if (MINUTE - (Date.now() % MINUTE) < 20_000) await nextTick();
};

async function watermark({ url }: RunningServe): Promise<string | null> {
  const { views } = (await (await fetch(`${url}/v1/status`)).json()) as { views: { watermark: string | null }[] };
  return views[0]?.watermark ?? null;
}

async function servedAt({ url }: RunningServe, at: string): Promise<OnlineFeaturesResponse['rows']> {
  const entities = [1, 2, 3, 77].map((user_id) => ({ user_id }));
  return (await answerOf<OnlineFeaturesResponse>(await lookup(url, { service: 'ranking', entities, at }))).rows;
}

test('the scheduler runs it at each tick, as of the tick; lookups between two ticks move on', async () => {
  await farFromTick();
  const now = Date.now();
  // One in the window for hours, one that left it long ago.
  const before = click(1, textOf(now - DAY / 2), 1.5, 100, 'a') + click(1, textOf(now - 3 * DAY), 2, 200, 'b');
  const files = { ...CONTINUOUS_SHOP, 'features/shop.yaml': SCHEDULED, 'data/clicks.jsonl': before };
  const project = await tempProject(files);
  await must(project, 'apply');
  const server = await project.serve({ PLUMB_SERVER_DUTIES: '["lookup","jobs","schedule"]' });
  const first = (await until(
    () => watermark(server),
    (found) => found !== null,
  )) as string;
  assert.equal(Date.parse(first) % MINUTE, 0);
  assert.ok(Date.parse(first) > now - MINUTE && Date.parse(first) <= Date.now(), first);
  const NOTHING = [0, null, [], {}, [], 0];
  const old = [1, 100, [1.5], { a: 100 }, ['a', 'b'], 0];
  assert.deepEqual(await servedAt(server, first), [old, NOTHING, NOTHING, NOTHING]);
  assert.deepEqual(await trained(project, first), [old, NOTHING, NOTHING, NOTHING]);

  await farFromTick();
  const fresh = Date.now();
  const more = click(2, textOf(fresh), 3, 300, 'c') + click(1, textOf(fresh), 4, 400, 'b');
  await project.write('data/clicks.jsonl', before + more);
  await nextTick();
  const next = (await until(
    () => watermark(server),
    (found) => Date.parse(found ?? '') > fresh,
  )) as string;
  assert.equal(Date.parse(next) % MINUTE, 0);
  const rows = [
    [2, 500, [4, 1.5], { b: 400, a: 100 }, ['b', 'a'], 0],
    [1, 300, [3], { c: 300 }, ['c'], 0],
  ];
  assert.deepEqual(await servedAt(server, next), [...rows, NOTHING, NOTHING]);
  // The hop of a minute counts the fresh rows from the minute's end on, and for a day after it.
  const beyond = textOf(Math.ceil((fresh + 1) / MINUTE) * MINUTE + DAY - MINUTE);
  const [one, two] = await servedAt(server, beyond);
  assert.deepEqual(
    [one?.slice(0, 3), two?.slice(0, 3)],
    [
      [1, 400, [4]],
      [1, 300, [3]],
    ],
  );
  const gone = await servedAt(server, textOf(Date.parse(beyond) + MINUTE));
  assert.deepEqual(gone[1], [0, null, [], {}, ['c'], 1]);

  const { schedules } = (await (await fetch(`${server.url}/v1/schedules`)).json()) as SchedulePage;
  const [schedule] = schedules as [Schedule];
  assert.deepEqual(
    [schedule.name, schedule.kind, schedule.cron, schedule.refresh],
    ['recent', 'view', '* * * * *', null],
  );
  assert.equal(schedule.lastRun?.failures, 0);
});
