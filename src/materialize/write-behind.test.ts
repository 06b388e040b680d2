import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteBehind } from './write-behind.ts';

/** Of numbers, each as large as it says. */
const sizes = (size: number, sizeBytes = Number.POSITIVE_INFINITY) => ({
  ...{ size, sizeBytes },
  sizeBytesOf: (item: number) => item,
});

/** A store that answers when it is told to, and notes what it was sent. */
function slowStore() {
  const sent: (readonly number[])[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const write = (batch: readonly number[]): Promise<void> => {
    sent.push(batch);
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    return answer.promise;
  };
  return { sent, answers, write };
}

async function turn(): Promise<void> {
  await new Promise(setImmediate);
}

test('a batch is made while the one before is on its way, and sent once that is written', async () => {
  const { sent, answers, write } = slowStore();
  const written: number[] = [];
  await using batches = new WriteBehind<number>({ ...sizes(3), write, onWritten: (count) => written.push(count) });
  await batches.add([1, 2]);
  assert.deepEqual(sent, []);
  await batches.add([3, 4]);
  await batches.add([5]);
  assert.deepEqual([sent, written], [[[1, 2, 3, 4]], []]);
  const waiting = batches.add([6, 7]);
  await turn();
  assert.equal(sent.length, 1);
  answers[0]?.resolve();
  await waiting;
  assert.deepEqual([sent.length, sent[1], written], [2, [5, 6, 7], [4]]);
  await batches.add([8]);
  const finished = batches.finish();
  answers[1]?.resolve();
  await turn();
  assert.deepEqual(sent[2], [8]);
  answers[2]?.resolve();
  await finished;
  assert.deepEqual([written, batches.written], [[4, 7, 8], 8]);
  await batches.finish();
  assert.equal(sent.length, 3);
});

test('a batch of large items is sent by its bytes', async () => {
  const { sent, answers, write } = slowStore();
  await using batches = new WriteBehind<number>({ ...sizes(1000, 100), write, onWritten: () => {} });
  await batches.add([40, 50]);
  assert.deepEqual(sent, []);
  await batches.add([10]);
  assert.deepEqual(sent, [[40, 50, 10]]);
  answers[0]?.resolve();
  await batches.add([90]);
  assert.equal(sent.length, 1);
  const finished = batches.finish();
  await turn();
  answers[1]?.resolve();
  await finished;
  assert.deepEqual(sent[1], [90]);
});

test('a failure comes up at the next batch or at the end, and nothing is sent after it', async () => {
  const { sent, answers, write } = slowStore();
  await using batches = new WriteBehind<number>({ ...sizes(1), write, onWritten: () => {} });
  await batches.add([1]);
  answers[0]?.reject(new Error('full'));
  await turn();
  await assert.rejects(batches.add([2]), /full/);
  await assert.rejects(batches.finish(), /full/);
  assert.equal(sent.length, 1);
});

test('leaving it waits for the batch that is on its way', async () => {
  const { answers, write } = slowStore();
  let hasLeft = false;
  const work = async (): Promise<void> => {
    await using batches = new WriteBehind<number>({ ...sizes(1), write, onWritten: () => {} });
    await batches.add([1]);
    throw new Error('cancelled');
  };
  const left = work().finally(() => {
    hasLeft = true;
  });
  left.catch(() => undefined);
  await turn();
  assert.equal(hasLeft, false);
  answers[0]?.reject(new Error('not this one'));
  await assert.rejects(left, /cancelled/);
});
