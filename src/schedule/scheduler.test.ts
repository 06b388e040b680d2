import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { until } from '../../test/waiting.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { StorageLeases } from '../storage/leases/storage-leases.ts';
import { Scheduler } from './scheduler.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-scheduler-'));
after(() => rm(root, { recursive: true }));

/** On one storage; `round` is what it does when it leads. */
function scheduler(round: () => Promise<void>) {
  const logged: string[] = [];
  const log = (_context: object, message: string): void => void logged.push(message);
  const leases = new StorageLeases({ store: new FileObjectStore({ root }), termMillis: 500 });
  const logger = { info: log, warn: log, error: log };
  const one = new Scheduler({ leases, newRounds: () => ({ round }), logger, roundMillis: 10, lookMillis: 10 });
  return { one, logged };
}

test('one leads; a server that takes no jobs any more gives the lease away and does not take it again', async () => {
  let isDraining = false;
  const first = scheduler(async () => {
    if (isDraining) throw new PlumbError('DRAINING', 'the server is about to stop');
  });
  await until(() => first.one.leads);
  const second = scheduler(async () => {});
  assert.equal(second.one.leads, false);
  isDraining = true;
  await until(() => second.one.leads);
  assert.equal(first.one.leads, false);
  await second.one[Symbol.asyncDispose]();
  const third = scheduler(async () => {});
  await until(() => third.one.leads);
  assert.equal(first.logged.filter((line) => line === 'this server runs the schedules').length, 1);
  await third.one[Symbol.asyncDispose]();
  await first.one[Symbol.asyncDispose]();
});

test('a failure that lasts is told once, and so is its end', async () => {
  let rounds = 0;
  const { one, logged } = scheduler(async () => {
    rounds += 1;
    if (rounds < 5) throw new PlumbError('STORAGE_UNAVAILABLE', 'the storage is away');
  });
  await until(() => rounds > 6);
  await one[Symbol.asyncDispose]();
  assert.deepEqual(logged, [
    'this server runs the schedules',
    'schedules are not run: the storage is away',
    'schedules are run again',
    'this server runs the schedules no more',
  ]);
});
