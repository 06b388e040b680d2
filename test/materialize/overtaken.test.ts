// Runs that overlap, or died half-way: what they wrote must not show through the run that goes live.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { parseInstant } from '../../src/instant.ts';
import { createMaterializer, type MaterializerOptions } from '../../src/materialize/materializer.ts';
import type { MaterializeRequest } from '../../src/materialize/run.ts';
import { createDuckdbEngine } from '../../src/offline/duckdb/duckdb-engine.ts';
import { createParser } from '../../src/offline/duckdb/parsing-session.ts';
import type { Engine } from '../../src/offline/engine.ts';
import { createLookup } from '../../src/online/lookup.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../src/storage/file/file-source-files.ts';
import type { Leases } from '../../src/storage/leases/lease.ts';
import { grantAll } from '../support/fake-leases.ts';
import { parseAnswer } from '../support/fake-world.ts';

const LIMITS = { memoryBytes: 2 ** 29, threads: 1 };
const EIGHT = '1,2026-01-01T08:30:00Z\n';
const NINE = '2,2026-01-01T09:30:00Z\n';
const TEN = '3,2026-01-01T10:30:00Z\n';

/** Clicks of the last hour, of users 1 to 3. */
async function lastHourClicks() {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-runs-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const resolved = await resolveDefinitions(
    {
      entities: [{ name: 'user', joinKeys: [{ name: 'user', type: 'int64' }] }],
      sources: [
        {
          name: 'clicks',
          kind: 'batch',
          path: 'clicks.csv',
          format: 'csv',
          timestampColumn: 'ts',
          columns: { user: 'int64', ts: 'timestamp' },
        },
      ],
      featureServices: [{ name: 'served', features: ['hourly:*'] }],
      featureViews: [
        {
          name: 'hourly',
          kind: 'aggregate',
          entities: ['user'],
          source: 'clicks',
          refresh: { every: '1h' },
          features: [{ name: 'clicks', aggregate: 'count', window: '1h' }],
        },
      ],
    },
    {
      project: 'runs',
      inspector: { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] },
      compiler: createParser(LIMITS),
    },
  );
  const catalog = { ...resolved, version: 1 };
  const online = new MemoryOnlineStore();
  const engine = createDuckdbEngine(LIMITS);
  const options: MaterializerOptions = {
    catalog: async () => catalog,
    version: async () => catalog,
    erasures: async () => [],
    store: new FileObjectStore({ root: join(folder, '.plumb') }),
    online,
    sourceFiles: new FileSourceFiles(folder),
    leases: grantAll,
    engine,
    signal: new AbortController().signal,
    graceMicros: 86_400_000_000n,
  };
  const lookup = createLookup({ catalog: () => catalog, store: online });
  return {
    online,
    engine,
    clicks: (...lines: readonly string[]) => writeFile(join(folder, 'clicks.csv'), `user,ts\n${lines.join('')}`),
    request: (request: Omit<MaterializeRequest, 'views' | 'mode'> & Partial<MaterializeRequest>) =>
      createMaterializer(options).materialize({ views: null, mode: 'incremental', ...request }),
    run: async (
      until: string,
      mode: MaterializeRequest['mode'] = 'incremental',
      over: Partial<MaterializerOptions> = {},
    ) => {
      const request = { views: null, untilMicros: parseInstant(until) as bigint, isUntilNow: false, mode };
      return (await createMaterializer({ ...options, ...over }).materialize(request)).map(({ outcome }) => outcome);
    },
    answers: async (at: string) => {
      const entities = [1, 2, 3].map((user) => ({ user }));
      const json = await lookup.lookup({ features: ['hourly:*'] }, entities, parseInstant(at) as bigint);
      return parseAnswer(json).rows.flat();
    },
  };
}

/** The store, whose `writeRows` is followed by `afterwards`. */
const slowly = (online: MemoryOnlineStore, afterwards: () => Promise<void>): MemoryOnlineStore =>
  Object.assign(Object.create(Object.getPrototypeOf(online)), {
    read: online.read.bind(online),
    listFields: online.listFields.bind(online),
    dropField: online.dropField.bind(online),
    writeState: online.writeState.bind(online),
    writeRows: async (...args: Parameters<MemoryOnlineStore['writeRows']>) => {
      const written = await online.writeRows(...args);
      await afterwards();
      return written;
    },
  });

/** Leases that are lost at the last look, right after it. */
const holding = (afterLook: () => Promise<void>): Leases => ({
  ...grantAll,
  acquire: async (name, request) => ({ ...(await grantAll.acquire(name, request)), assertHeld: afterLook }),
});

const computing = (engine: Engine, afterwards: () => Promise<void>): Engine => ({
  ...engine,
  materialize: async (job) => {
    const outcome = await engine.materialize(job);
    await afterwards();
    return outcome;
  },
});

/** Where a run stops until it is told to go on. */
function stop() {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  return {
    here: async (): Promise<void> => {
      reached.resolve();
      await released.promise;
    },
    reached: reached.promise,
    release: () => released.resolve(),
  };
}

test('a run that was paused before its manifest, and followed, commits nothing', async () => {
  const { engine, clicks, run, answers } = await lastHourClicks();
  await clicks(EIGHT, NINE, TEN);
  await run('2026-01-01T09:00:00Z');
  const pause = stop();
  const first = run('2026-01-01T12:00:00Z', 'incremental', { engine: computing(engine, pause.here) });
  await pause.reached;
  assert.deepEqual(await run('2026-01-01T11:00:00Z'), ['succeeded']);
  pause.release();
  assert.deepEqual(await first, ['failed']);
  assert.deepEqual(await answers('2026-01-01T11:00:00Z'), [0, 0, 1]);
});

test('regression: a run planned before another one began to write does not go live over its rows', async () => {
  const { online, clicks, run, answers } = await lastHourClicks();
  await clicks(EIGHT, NINE, TEN);
  await run('2026-01-01T09:00:00Z');
  const pause = stop();
  // Its manifest is written, and some of its rows: the second run finishes it first, and then replaces them.
  const first = run('2026-01-01T10:00:00Z', 'incremental', { online: slowly(online, pause.here) });
  await pause.reached;
  assert.deepEqual(await run('2026-01-01T11:00:00Z'), ['succeeded']);
  pause.release();
  assert.deepEqual(await first, ['failed']);
  assert.deepEqual(await answers('2026-01-01T11:00:00Z'), [0, 0, 1]);
});

/** A full run that stops there, is followed by another one and goes on: it fails, and what is live is the other's. */
async function isOvertaken(
  { run, answers }: Awaited<ReturnType<typeof lastHourClicks>>,
  online: MemoryOnlineStore,
  pause: ReturnType<typeof stop>,
): Promise<void> {
  const first = run('2026-01-01T10:00:00Z', 'full', { online });
  await pause.reached;
  assert.deepEqual(await run('2026-01-01T11:00:00Z', 'full'), ['succeeded']);
  pause.release();
  assert.deepEqual(await first, ['failed']);
  assert.deepEqual(await answers('2026-01-01T11:00:00Z'), [0, 0, 1]);
}

test('regression: a run that was paused before it drops former generations drops none that came meanwhile', async () => {
  const world = await lastHourClicks();
  const { online, clicks, run } = world;
  await clicks(EIGHT, NINE, TEN);
  await run('2026-01-01T09:00:00Z');
  await run('2026-01-01T10:00:00Z', 'full');
  const pause = stop();
  // It has listed what there is, and claims; then another run builds a new generation and goes live.
  let listings = 0;
  const paused: typeof online = Object.assign(
    slowly(online, async () => {}),
    {
      listFields: async () => {
        const fields = await online.listFields();
        listings += 1;
        await pause.here();
        return fields;
      },
    },
  );
  await isOvertaken(world, paused, pause);
  assert.equal(listings, 1);
});

test('regression: a run that was paused behind its claim drops no generation that went live meanwhile', async () => {
  const world = await lastHourClicks();
  const { online, clicks, run } = world;
  await clicks(EIGHT, NINE, TEN);
  await run('2026-01-01T09:00:00Z');
  const pause = stop();
  let writes = 0;
  const paused: typeof online = Object.assign(
    slowly(online, async () => {}),
    {
      writeState: async (...args: Parameters<typeof online.writeState>) => {
        const isWritten = await online.writeState(...args);
        writes += 1;
        if (writes === 1) await pause.here();
        return isWritten;
      },
    },
  );
  await isOvertaken(world, paused, pause);
  assert.equal(writes, 1);
});

test('a snapshot that was put online again by a run that was paused, and followed, does not go live', async () => {
  const { online, clicks, run, answers } = await lastHourClicks();
  await clicks(EIGHT, NINE, TEN);
  await run('2026-01-01T10:00:00Z');
  const pause = stop();
  const first = run('2026-01-01T10:00:00Z', 'from_snapshot', { leases: holding(pause.here) });
  await pause.reached;
  assert.deepEqual(await run('2026-01-01T11:00:00Z'), ['succeeded']);
  pause.release();
  assert.deepEqual(await first, ['failed']);
  assert.deepEqual(await answers('2026-01-01T11:00:00Z'), [0, 0, 1]);
  assert.equal((await online.listFields()).length, 1, 'nothing of it is left');
});

for (const before of [[], ['2026-01-01T09:00:00Z']]) {
  test(`regression: --full after one that died half-way starts clean, after ${before.length} runs`, async () => {
    const { online, clicks, run, answers } = await lastHourClicks();
    await clicks(EIGHT, NINE, TEN);
    for (const until of before) await run(until);
    const dying = slowly(online, () => Promise.reject(new Error('killed')));
    await assert.rejects(run('2026-01-01T11:00:00Z', 'full', { online: dying }), /killed/);
    await clicks(EIGHT);
    assert.deepEqual(await run('2026-01-01T11:00:00Z', 'full'), ['succeeded']);
    assert.deepEqual(await answers('2026-01-01T11:00:00Z'), [0, 0, 0]);
  });
}

test('an instant that nobody named follows a run that went further meanwhile; one that was named is refused', async () => {
  const { clicks, request } = await lastHourClicks();
  await clicks(EIGHT);
  const nowMicros = BigInt(Date.now()) * 1000n;
  const [minute, day] = [60_000_000n, 86_400_000_000n];
  await request({ untilMicros: nowMicros, isUntilNow: true });
  const [report] = await request({ untilMicros: nowMicros - minute, isUntilNow: true });
  assert.equal(report?.outcome, 'succeeded');
  assert.ok((parseInstant(report.until) as bigint) >= nowMicros, report.until);
  const [full] = await request({ untilMicros: nowMicros - minute, isUntilNow: true, mode: 'full' });
  assert.ok((parseInstant(full?.until ?? '') as bigint) >= nowMicros, 'a full run does not turn the watermark back');
  const behind = { code: 'BEHIND_WATERMARK' };
  await assert.rejects(request({ untilMicros: nowMicros - minute, isUntilNow: false }), behind);
  await request({ untilMicros: nowMicros + day, isUntilNow: false });
  await assert.rejects(request({ untilMicros: nowMicros, isUntilNow: true }), behind);
});

/** Refuses so often, while another run does `meanwhile`; then grants. */
function takenLeases(times: number, meanwhile: () => Promise<unknown>): Leases {
  let left = times;
  return {
    ...grantAll,
    acquire: async (name, request) => {
      if (left === 0) return await grantAll.acquire(name, request);
      left--;
      await meanwhile();
      throw new PlumbError('CONFLICT', 'another process has been materializing hourly');
    },
  };
}
const NINE_OCLOCK = '2026-01-01T09:00:00Z';
const ELEVEN = '2026-01-01T11:00:00Z';

test('regression: a view that another run took on to the wanted instant meanwhile counts as done', async () => {
  const { clicks, run } = await lastHourClicks();
  await clicks(EIGHT, NINE, TEN);
  const leases = takenLeases(1, () => run(ELEVEN));
  assert.deepEqual(await run(ELEVEN, 'incremental', { leases }), ['succeeded']);
});

test('regression: a view that another run took on less far is taken further once it is free', async () => {
  const { clicks, run, answers } = await lastHourClicks();
  await clicks(EIGHT, NINE, TEN);
  const leases = takenLeases(2, () => run(NINE_OCLOCK));
  assert.deepEqual(await run(ELEVEN, 'incremental', { leases }), ['succeeded']);
  assert.deepEqual(await answers(ELEVEN), [0, 0, 1]);
});

test('a view that another run keeps fails after the wait; a full run does not wait and does not count it as done', async () => {
  const { clicks, run } = await lastHourClicks();
  await clicks(EIGHT);
  const kept = takenLeases(1000, async () => {});
  assert.deepEqual(await run(ELEVEN, 'incremental', { leases: kept, waitForOthersMillis: 300 }), ['failed']);
  const done = takenLeases(1000, () => run(ELEVEN));
  assert.deepEqual(await run(ELEVEN, 'full', { leases: done }), ['failed']);
});
