// Several processes on one LMDB folder, some of them killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import type { OnlineStore } from '../../../src/online/online-store.ts';
import { until } from '../../waiting.ts';
import { FIELD, INCREMENTS, KEYS, type Role, VIEW } from './lmdb-child.ts';
import { rowsOf, stateOf, textOf } from './reading.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-lmdb-processes-'));
after(() => rm(root, { recursive: true, force: true }));

interface Child {
  readonly process: ChildProcess;
  /** It has ended, and all that it said is in `lines`. */
  readonly closed: Promise<unknown>;
  /** Lines said so far. */
  readonly lines: readonly string[];
}

function start(folder: string, role: Role): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lmdb-child.ts'), folder, role], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  child.stdout.on('data', (chunk) => lines.push(...String(chunk).trimEnd().split('\n')));
  return { process: child, closed: once(child, 'close'), lines };
}

async function kill({ process: child, closed }: Child): Promise<void> {
  child.kill('SIGKILL');
  await closed;
}

/** The batch that all keys hold, modulo 256; fails where two keys differ. null: none yet. */
async function batchOf(store: OnlineStore): Promise<number | null> {
  const rows = await rowsOf(store, KEYS, [FIELD]);
  const batches = new Set(rows.map(([row]) => row?.[0] ?? null));
  assert.equal(batches.size, 1, `a lookup saw parts of batches ${[...batches].join(', ')}`);
  return rows[0]?.[0]?.[0] ?? null;
}

test('a reader sees whole batches of a writer in another process, and soon the newest', async () => {
  const folder = join(root, 'read-while-written');
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  const writer = start(folder, 'write');
  const seen = new Set<number | null>();
  await until(() => writer.lines.length >= 1);
  for (let reads = 0; writer.lines.length < 25 || seen.size <= 3; reads += 1) {
    assert.ok(reads < 100_000, `saw only ${[...seen].join(', ')}`);
    const said = Number(writer.lines.at(-1)) || 0;
    const batch = await batchOf(store);
    assert.ok((batch ?? 0) >= said % 256 || said >= 256, `batch ${said} was written, but ${batch} was read`);
    seen.add(batch);
    await delay(1);
  }
  await kill(writer);
});

test('a writer that is killed leaves whole batches, at least all that it said were written', async () => {
  const folder = join(root, 'killed');
  for (let kills = 0; kills < 6; kills += 1) {
    await rm(folder, { recursive: true, force: true });
    const writer = start(folder, 'write');
    await until(() => writer.lines.length >= 3 + kills);
    await delay(kills * 3);
    await kill(writer);
    await using store = await LmdbOnlineStore.open(folder, 'demo');
    const said = Number(writer.lines.at(-1));
    const batch = (await batchOf(store)) ?? 0;
    assert.ok(batch === said || batch === said + 1, `said ${said}, found ${batch}`);
    await store.writeRows(FIELD, 1_000_000n, [{ entity: Buffer.from('after'), row: Buffer.from('x') }]);
    assert.ok((await rowsOf(store, [Buffer.from('after')], [FIELD]))[0]?.[0]);
  }
});

test('of racing compare-and-sets in several processes none is lost', async () => {
  const folder = join(root, 'race');
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  const children = [1, 2, 3].map(() => start(folder, 'increment'));
  await Promise.all(children.map(({ closed }) => closed));
  const count = await stateOf(store, VIEW);
  assert.equal(Buffer.from(count ?? []).toString(), String(children.length * INCREMENTS));
});

test('of racing commits of streams in several processes none is lost', async () => {
  const folder = join(root, 'streams');
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  const children = [1, 2, 3].map(() => start(folder, 'commit'));
  await Promise.all(children.map(({ closed }) => closed));
  const [listed] = await store.streams().listSentinels(FIELD);
  const [[entry] = []] = await rowsOf(store, KEYS.slice(0, 1), [FIELD]);
  const expected = String(children.length * INCREMENTS);
  assert.deepEqual([listed?.sentinel, entry].map(textOf), [expected, expected]);
});

test('two handles in one process see each other, and one may close first', async () => {
  const folder = join(root, 'two-handles');
  const first = await LmdbOnlineStore.open(folder, 'demo');
  await using second = await LmdbOnlineStore.open(folder, 'demo');
  await first.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: Buffer.from('x') }]);
  assert.ok((await rowsOf(second, [Buffer.from('a')], [FIELD]))[0]?.[0]);
  await first[Symbol.asyncDispose]();
  assert.ok((await rowsOf(second, [Buffer.from('a')], [FIELD]))[0]?.[0]);
  await second.writeRows(FIELD, 1n, [{ entity: Buffer.from('b'), row: Buffer.from('y') }]);
});
