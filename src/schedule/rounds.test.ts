import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import type { ScheduledRun } from '../../schemas/wire-types.ts';
import { aggregateView, at, catalogOf, FakeWorld, rowView } from '../../test/support/fake-world.ts';
import { until } from '../../test/waiting.ts';
import type { AggregateView } from '../catalog/catalog.ts';
import { formatInstant } from '../instant.ts';
import type { JobRunner, JobWork } from '../jobs/job.ts';
import { Jobs } from '../jobs/jobs.ts';
import { MemoryOnlineStore } from '../online/memory/memory-online-store.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { MOST_ATTEMPTS, Rounds } from './rounds.ts';
import { ScheduleRecords } from './schedule-records.ts';
import type { DeclaredCommand } from './schedules.ts';

const roots: string[] = [];
after(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));

const silent = { info: () => {}, error: () => {} };
const FAILS = new PlumbError('ENGINE_FAILED', 'it failed');
const CLICKS = aggregateView('clicks', { user_id: 'int64' }, [{ name: 'n', type: 'int64' }]);
const GC: DeclaredCommand = { name: 'collect', cron: '0 * * * *', run: 'gc' };

/** A clock, a storage, and a runner that does at once what `outcome` says. */
async function world({ view = CLICKS, commands = [] as readonly DeclaredCommand[], mostUnderWay = 4 } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'plumb-schedule-'));
  roots.push(root);
  const store = new FileObjectStore({ root });
  const fake = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  const seen = {
    now: at('2026-01-08T10:30:00Z'),
    outcome: async (_work: JobWork): Promise<void> => {},
    started: [] as string[],
    ended: [] as ScheduledRun[],
  };
  const runner: JobRunner = {
    run: async (work, _onProgress, signal) => {
      if (work.kind === 'dataset' || work.kind === 'erasure') throw FAILS;
      seen.started.push(work.kind === 'command' ? work.words.join(' ') : formatInstant(work.request.untilMicros));
      await Promise.race([
        seen.outcome(work),
        new Promise((_, reject) => {
          const cancel = (): void => reject(new PlumbError('CANCELLED', 'the job was cancelled'));
          if (signal.aborted) cancel();
          else signal.addEventListener('abort', cancel);
        }),
      ]);
      if (work.kind === 'command') return { result: { exitCode: 0 }, failures: [] };
      const [current] = fake.catalog.views.values();
      await fake.materialize(current as AggregateView, formatInstant(work.request.untilMicros), []);
      return { result: { runs: [] }, failures: [] };
    },
  };
  const server = (): Jobs =>
    new Jobs({ store, runner, concurrentJobs: 4, queuedJobs: 10, logger: silent, heartbeatMillis: 20 });
  const records = new ScheduleRecords(store);
  const leader = (jobs: Jobs): Rounds =>
    new Rounds({
      ...{ commands, jobs, records, mostUnderWay, online: fake.store, held: async () => [] },
      catalog: async () => fake.catalog,
      nowMicros: () => seen.now,
      onEnded: (_schedule, run) => void seen.ended.push(run),
    });
  /** One round, and then the end of what it started. */
  const play = async (rounds: Rounds, jobs: Jobs): Promise<void> => {
    await rounds.round(async () => {});
    await until(() => jobs.active().length === 0);
  };
  return { fake, seen, server, leader, records, play };
}

test('a view that was never materialized is run for its newest boundary, and then once at each boundary + delay', async () => {
  const { seen, server, leader, play } = await world();
  await using jobs = server();
  const rounds = leader(jobs);
  for (let i = 0; i < 3; i++) await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z']);
  seen.now = at('2026-01-08T11:04:59Z');
  await play(rounds, jobs);
  assert.equal(seen.started.length, 1);
  seen.now = at('2026-01-08T11:05:00Z');
  for (let i = 0; i < 2; i++) await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z', '2026-01-08T11:05:00Z']);
  assert.deepEqual(
    seen.ended.map(({ status }) => status),
    ['succeeded', 'succeeded'],
  );
});

test('boundaries that were missed: the newest alone, or each in turn where the view says so', async () => {
  for (const [catchUp, expected] of [
    [{}, ['2026-01-08T13:05:00Z']],
    [{ catchUp: 'each' }, ['2026-01-08T11:05:00Z', '2026-01-08T12:05:00Z', '2026-01-08T13:05:00Z']],
  ] as const) {
    const view: AggregateView = { ...CLICKS, ...catchUp };
    const { fake, seen, server, leader, play } = await world({ view });
    await fake.materialize(view, '2026-01-08T10:05:00Z', []);
    seen.now = at('2026-01-08T13:30:00Z');
    await using jobs = server();
    const rounds = leader(jobs);
    for (let i = 0; i < 5; i++) await play(rounds, jobs);
    assert.deepEqual(seen.started, expected);
  }
});

test('a run by hand counts, a changed definition and a lost online store make the newest run due again', async () => {
  const { fake, seen, server, leader, play } = await world();
  await fake.materialize(CLICKS, '2026-01-08T10:20:00Z', []);
  await using jobs = server();
  const rounds = leader(jobs);
  await play(rounds, jobs);
  assert.deepEqual(seen.started, []);
  const changed = { ...CLICKS, fingerprint: 'another' };
  fake.catalog = catalogOf([changed]);
  for (let i = 0; i < 2; i++) await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z']);
  await play(rounds, jobs);
  const [state] = (await fake.store.read([], ['clicks'])).states;
  assert.ok(await fake.store.removeState('clicks', state as Uint8Array));
  for (let i = 0; i < 2; i++) await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z', '2026-01-08T10:05:00Z']);
});

test('one that fails is tried again after pauses that grow, then given up until it is due again', async () => {
  const { seen, server, leader, play, records } = await world();
  seen.outcome = () => Promise.reject(FAILS);
  await using jobs = server();
  const rounds = leader(jobs);
  const pauses: bigint[] = [];
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
    await play(rounds, jobs);
    await rounds.round(async () => {});
    assert.equal(seen.started.length, attempt, 'not before its time');
    const run = (await records.read('clicks'))?.lastRun;
    assert.deepEqual([run?.status, run?.failures, run?.error?.code], ['retrying', attempt, 'ENGINE_FAILED']);
    pauses.push(at(run?.retryAt ?? '') - seen.now);
    seen.now = at(run?.retryAt ?? '');
  }
  assert.ok(
    pauses.every((pause, i) => pause >= BigInt(10_000_000 * 2 ** i)),
    String(pauses),
  );
  assert.equal(seen.ended.length, 0);
  for (let i = 0; i < 3; i++) await play(rounds, jobs);
  assert.equal(seen.started.length, MOST_ATTEMPTS);
  assert.deepEqual(
    seen.ended.map(({ status, failures }) => [status, failures]),
    [['failed', MOST_ATTEMPTS]],
  );
  seen.now = at('2026-01-08T11:05:00Z');
  seen.outcome = async () => {};
  for (let i = 0; i < 2; i++) await play(rounds, jobs);
  assert.equal(seen.ended.at(-1)?.status, 'succeeded');
  assert.equal(seen.ended.at(-1)?.failures, 0);
});

test('a wrong request is not tried again, and a job that somebody cancelled is not either', async () => {
  const { seen, server, leader, play } = await world();
  seen.outcome = () => Promise.reject(new PlumbError('INVALID_DEFINITION', 'it stays wrong'));
  await using jobs = server();
  const rounds = leader(jobs);
  for (let i = 0; i < 3; i++) await play(rounds, jobs);
  assert.deepEqual(
    seen.ended.map(({ status, failures }) => [status, failures]),
    [['failed', 1]],
  );
  seen.now = at('2026-01-08T11:05:00Z');
  seen.outcome = () => new Promise(() => {});
  await rounds.round(async () => {});
  await jobs.cancel(jobs.active()[0]?.id as string);
  for (let i = 0; i < 3; i++) await play(rounds, jobs);
  assert.deepEqual(
    seen.ended.map(({ status }) => status),
    ['failed', 'cancelled'],
  );
  assert.equal(seen.started.length, 2);
});

test('while it is paused nothing is started, also by the next leader; then the newest run is made up', async () => {
  const { seen, server, leader, play, records } = await world();
  await using jobs = server();
  await records.pause('clicks');
  await play(leader(jobs), jobs);
  seen.now = at('2026-01-08T12:30:00Z');
  await play(leader(jobs), jobs);
  assert.deepEqual(seen.started, []);
  await records.resume('clicks');
  await play(leader(jobs), jobs);
  assert.deepEqual(seen.started, ['2026-01-08T12:05:00Z']);
});

test('a command first runs when it is next due, and the next leader knows what was done', async () => {
  const { seen, server, leader, play } = await world({ commands: [GC] });
  await using jobs = server();
  const rounds = leader(jobs);
  const gcs = () => seen.started.filter((one) => one === 'gc').length;
  await play(rounds, jobs);
  assert.equal(gcs(), 0);
  seen.now = at('2026-01-08T11:00:00Z');
  for (let i = 0; i < 3; i++) await play(rounds, jobs);
  assert.equal(gcs(), 1);
  await play(leader(jobs), jobs);
  assert.equal(gcs(), 1);
  seen.now = at('2026-01-08T14:10:00Z');
  for (let i = 0; i < 3; i++) await play(leader(jobs), jobs);
  assert.equal(gcs(), 2, 'the newest of three');
});

test('a leader that ends takes its job with it: the next one starts that run again, at once', async () => {
  const { seen, server, leader, play } = await world({ commands: [GC] });
  const first = server();
  await leader(first).round(async () => {});
  seen.now = at('2026-01-08T11:00:00Z');
  await until(() => first.active().length === 0);
  seen.outcome = () => new Promise(() => {});
  const rounds = leader(first);
  await rounds.round(async () => {});
  await until(() => seen.started.includes('gc'));
  await first[Symbol.asyncDispose]();
  seen.outcome = async () => {};
  await using second = server();
  const next = leader(second);
  for (let i = 0; i < 3; i++) await play(next, second);
  assert.equal(seen.started.filter((one) => one === 'gc').length, 2);
  assert.equal(seen.ended.at(-1)?.status, 'succeeded');
});

test('a leader that lost its lease starts nothing', async () => {
  const { seen, server, leader } = await world();
  await using jobs = server();
  const lost = new PlumbError('CONFLICT', 'lost');
  await assert.rejects(
    leader(jobs).round(() => Promise.reject(lost)),
    lost,
  );
  assert.deepEqual(seen.started, []);
});

test('so many at a time, the oldest first, and a full queue is no failure', async () => {
  const commands = ['b', 'a', 'c'].map((name, i) => ({ name, cron: `${i} * * * *`, run: `gc --limit ${i + 1}` }));
  const { seen, server, leader, play } = await world({ commands, mostUnderWay: 1 });
  await using jobs = server();
  const rounds = leader(jobs);
  for (let i = 0; i < 2; i++) await play(rounds, jobs);
  seen.started.length = 0;
  seen.now = at('2026-01-08T11:02:00Z');
  for (let i = 0; i < 5; i++) await play(rounds, jobs);
  assert.deepEqual(seen.started, ['gc --limit 1', 'gc --limit 2', 'gc --limit 3']);
});

test('a command that has the name of a scheduled view is never run, and the view is', async () => {
  const { seen, server, leader, play } = await world({ commands: [{ ...GC, name: 'clicks' }] });
  await using jobs = server();
  const rounds = leader(jobs);
  await play(rounds, jobs);
  seen.now = at('2026-01-08T11:00:00Z');
  await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z']);
});

test('a row view without refresh runs by its cron schedule, as of the tick', async () => {
  const view = { ...rowView('profile', { user_id: 'int64' }, [{ name: 'n', type: 'int64' }]), schedule: '15 * * * *' };
  const { seen, server, leader, play } = await world({ view: view as never });
  await using jobs = server();
  await play(leader(jobs), jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:15:00Z']);
});

test('regression: a damaged serving state stops no other schedule, and its own view is run', async () => {
  const { fake, seen, server, leader, play } = await world({ commands: [GC] });
  assert.ok(await fake.store.writeState('clicks', null, Buffer.from('damaged')));
  await using jobs = server();
  const rounds = leader(jobs);
  await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z']);
  seen.now = at('2026-01-08T11:00:00Z');
  await play(rounds, jobs);
  assert.deepEqual(seen.started, ['2026-01-08T10:05:00Z', 'gc']);
});
