import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from 'lmdb';
import { EmbeddedEventLog } from '../../../src/ingest/embedded/embedded-event-log.ts';
import { encodeOwner, OWNER_KEY } from '../../../src/ingest/embedded/log-layout.ts';
import { eventLogSuite, startOf } from './event-log.suite.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-log-'));
after(() => rm(root, { recursive: true, force: true }));

let count = 0;
const newFolder = (): string => join(root, String(count++));

eventLogSuite(async () => {
  let now = 0n;
  const log = await EmbeddedEventLog.open(newFolder(), 'shop', () => now);
  return {
    log,
    setClock: (micros) => {
      now = micros;
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
});

const code = (wanted: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === wanted;

test('a log that is opened again goes on where it was, under its epoch', async () => {
  const folder = newFolder();
  const event = { id: 'x', by: null, text: Buffer.from('1') };
  const first = await EmbeddedEventLog.open(folder, 'shop');
  await first.append('clicks', { events: [event] });
  const before = await first.partitions('clicks');
  await first[Symbol.asyncDispose]();
  await using again = await EmbeddedEventLog.open(folder, 'shop');
  assert.deepEqual(await again.partitions('clicks'), before);
  assert.deepEqual((await again.append('clicks', { events: [event] }))[0]?.duplicate, 'same');
  await using other = await EmbeddedEventLog.open(newFolder(), 'shop');
  assert.notEqual((await startOf(other, 'clicks')).epoch, before[0]?.epoch);
});

test('a log of another project or format, or a file that is none, is refused', async () => {
  const folder = newFolder();
  await (await EmbeddedEventLog.open(folder, 'shop'))[Symbol.asyncDispose]();
  await assert.rejects(EmbeddedEventLog.open(folder, 'bank'), code('STORE_UNAVAILABLE'));
  const newer = newFolder();
  await mkdir(newer);
  const database = open<Buffer, Buffer>(newer, { keyEncoding: 'binary', encoding: 'binary', noSubdir: false });
  await database.put(OWNER_KEY, encodeOwner({ format: 2, project: 'shop', epoch: 'e' }));
  await database.close();
  await assert.rejects(EmbeddedEventLog.open(newer, 'shop'), code('STORAGE_CORRUPT'));
  const damaged = newFolder();
  await mkdir(damaged);
  await writeFile(join(damaged, 'data.mdb'), 'no database at all, of some bytes');
  await assert.rejects(EmbeddedEventLog.open(damaged, 'shop'), code('STORAGE_CORRUPT'));
});

test('two processes append at once and are killed: what was acknowledged is there once, and batches are whole', async () => {
  const folder = newFolder();
  const child = join(import.meta.dirname, 'embedded-child.ts');
  const acknowledged: string[] = [];
  const children = ['one', 'two'].map((name) => {
    const started = spawn(process.execPath, [child, folder, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    started.stdout.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      acknowledged.push(...lines);
    });
    return { started, ended: new Promise((resolve) => started.on('close', resolve)) };
  });
  const saidBy = (name: string) => acknowledged.filter((id) => id.startsWith(name)).length;
  while (saidBy('one') < 40 || saidBy('two') < 40) await sleep(20);
  for (const { started } of children) started.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  await using log = await EmbeddedEventLog.open(folder, 'shop');
  const events = await log.read(await startOf(log, 'clicks'), { events: 1e6, bytes: 1e9 });
  const ids = events.map(({ id }) => id ?? '');
  assert.deepEqual(
    events.map(({ offset }) => Number(offset)),
    ids.map((_, i) => i),
  );
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    acknowledged.filter((id) => !ids.includes(id)),
    [],
  );
  assert.deepEqual(
    ids.filter((id) => id.endsWith('a')).map((id) => id.replace(/a$/, 'b')),
    ids.filter((id) => id.endsWith('b')),
  );
});
