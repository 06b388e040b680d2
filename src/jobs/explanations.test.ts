// One at a time, in their order, few waiting; who does not wait any more is passed over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExplanationRequest, Explanations } from './explanations.ts';

const request = (version: number): ExplanationRequest => ({
  ...{ version, requested: { service: 's' }, entity: {}, atMicros: 0n },
  ...{ values: [], statuses: [], int64: 'number' },
});
const NEVER = new AbortController().signal;

function queue() {
  const running: { readonly version: number; readonly signal: AbortSignal; end(text: string): void }[] = [];
  const explanations = new Explanations({
    explain: ({ version }, signal) =>
      new Promise((resolve, reject) => {
        running.push({ version, signal, end: resolve });
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
  });
  return { running, explanations };
}

const turns = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

test('one is made at a time, in the order in which they were asked for', async () => {
  const { running, explanations } = queue();
  const asked = [1, 2, 3].map((version) => explanations.explain(request(version), NEVER));
  for (const [i, text] of ['a', 'b', 'c'].entries()) {
    await turns();
    assert.deepEqual(
      running.map(({ version }) => version),
      [1, 2, 3].slice(0, i + 1),
    );
    running[i]?.end(text);
  }
  assert.deepEqual(await Promise.all(asked), ['a', 'b', 'c']);
});

test('beyond two that wait it is told when to ask again', async () => {
  const { running, explanations } = queue();
  const asked = [1, 2, 3].map((version) => explanations.explain(request(version), NEVER));
  await assert.rejects(explanations.explain(request(4), NEVER), {
    code: 'TOO_MANY_REQUESTS',
    details: { limit: 'waitingExplanations', waitingExplanations: 2, retryAfterMillis: 5000 },
  });
  await turns();
  running[0]?.end('a');
  await asked[0];
  const fourth = explanations.explain(request(4), NEVER);
  for (const i of [1, 2, 3]) {
    await turns();
    running[i]?.end('next');
  }
  assert.equal(await fourth, 'next');
});

test('one that nobody waits for is not made, and its place is free at once', async () => {
  const { running, explanations } = queue();
  const gone = new AbortController();
  const first = explanations.explain(request(1), NEVER);
  const second = explanations.explain(request(2), gone.signal);
  const third = explanations.explain(request(3), NEVER);
  gone.abort();
  await assert.rejects(second, { code: 'CANCELLED' });
  const fourth = explanations.explain(request(4), NEVER);
  for (const i of [0, 1, 2]) {
    await turns();
    running[i]?.end(`${running[i]?.version}`);
  }
  assert.deepEqual(await Promise.all([first, third, fourth]), ['1', '3', '4']);
});

test('the end of a server stops the one that is made and those that wait', async () => {
  const { running, explanations } = queue();
  const asked = [1, 2].map((version) => explanations.explain(request(version), NEVER));
  const failed = Promise.allSettled(asked);
  await turns();
  await explanations[Symbol.asyncDispose]();
  assert.equal(running.length, 1);
  assert.deepEqual(
    (await failed).map((one) => (one as PromiseRejectedResult).reason.message),
    ['stopped', 'the explanation was cancelled'],
  );
  await assert.rejects(explanations.explain(request(3), NEVER), { code: 'DRAINING' });
});
