import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../test/support/fake-parts.ts';
import { eventually } from '../../test/waiting.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { NewJob } from '../jobs/job-states.ts';
import type { JobFunctions } from './agreement.ts';
import { Calls } from './calls.ts';
import { jobsForWorker, jobsOfPrimary } from './shared-jobs.ts';

/** A queue that counts its places, and a worker's way to it. */
function sharedQueue() {
  const taken = new Set<Disposable>();
  const created: unknown[] = [];
  const queue = {
    reserve: () => {
      const place: Disposable = { [Symbol.dispose]: () => void taken.delete(place) };
      taken.add(place);
      return place;
    },
    create: async (wanted: NewJob, place?: Disposable) => {
      created.push([wanted.kind, place !== undefined && taken.has(place)]);
      place?.[Symbol.dispose]();
      return { id: 'job' };
    },
  } as unknown as JobQueue;
  const shared = jobsForWorker(queue);
  const send = (to: () => { receive(message: object): void }) => (message: object) =>
    setImmediate(() => to().receive(structuredClone(message)));
  const primary: Calls<JobFunctions, Record<never, never>> = new Calls({
    ...{ functions: shared.functions, onDefect: SILENT.error },
    send: send(() => worker),
  });
  const worker: Calls<Record<never, never>, JobFunctions> = new Calls({
    ...{ functions: {}, onDefect: SILENT.error },
    send: send(() => primary),
  });
  return { taken, created, shared, jobs: jobsOfPrimary(worker.remote) };
}

const WANTED = { kind: 'materialization' } as NewJob;

test('a place that a worker took is that of its job, and else it is given back', async () => {
  const { taken, created, jobs } = sharedQueue();
  {
    using place = await jobs.reserve();
    assert.equal(taken.size, 1);
    await jobs.create(WANTED, place);
  }
  await jobs.create(WANTED);
  {
    using _place = await jobs.reserve();
  }
  // Given back by a message that nobody waits for.
  await eventually(() => assert.equal(taken.size, 0));
  assert.deepEqual(created, [
    ['materialization', true],
    ['materialization', false],
  ]);
});

test('the places of a worker that is gone are free', async () => {
  const { taken, shared, jobs } = sharedQueue();
  await Promise.all([jobs.reserve(), jobs.reserve()]);
  assert.equal(taken.size, 2);
  shared[Symbol.dispose]();
  assert.equal(taken.size, 0);
});

test('a place that a worker asked for just before it ended is not taken', async () => {
  const { taken, shared, jobs } = sharedQueue();
  const late = jobs.reserve();
  shared[Symbol.dispose]();
  await assert.rejects(async () => await late, { code: 'INTERRUPTED' });
  assert.equal(taken.size, 0);
});
