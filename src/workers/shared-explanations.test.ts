import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { SILENT } from '../../test/support/fake-parts.ts';
import { eventually } from '../../test/waiting.ts';
import type { ExplanationRequest } from '../jobs/explanations.ts';
import type { ExplanationFunctions } from './agreement.ts';
import { Calls } from './calls.ts';
import { explanationsForWorker, explanationsOfPrimary } from './shared-explanations.ts';

/** A server's explanations, each of which goes on until it is ended or stopped, and a worker's way to them. */
function shared() {
  const ends: ((text: string) => void)[] = [];
  const stopped: number[] = [];
  const ofWorker = explanationsForWorker({
    explain: ({ version }, signal) =>
      new Promise((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener('abort', () => {
          stopped.push(version);
          reject(new PlumbError('CANCELLED', 'stopped'));
        });
      }),
  });
  const send = (to: () => { receive(message: object): void }) => (message: object) =>
    setImmediate(() => to().receive(structuredClone(message)));
  const primary: Calls<ExplanationFunctions, Record<never, never>> = new Calls({
    ...{ functions: ofWorker.functions, onDefect: SILENT.error },
    send: send(() => worker),
  });
  const worker: Calls<Record<never, never>, ExplanationFunctions> = new Calls({
    ...{ functions: {}, onDefect: SILENT.error },
    send: send(() => primary),
  });
  return { ends, stopped, ofWorker, explaining: explanationsOfPrimary(worker.remote) };
}

const request = (version: number): ExplanationRequest => ({
  ...{ version, requested: { service: 's' }, entity: { id: 2n ** 60n }, atMicros: 0n },
  ...{ values: [], statuses: [], int64: 'number' },
});

test('each worker hears of its own, and stops that alone', async () => {
  const { ends, stopped, explaining } = shared();
  const gone = new AbortController();
  const first = explaining.explain(request(1), gone.signal);
  const second = explaining.explain(request(2), new AbortController().signal);
  await eventually(() => assert.equal(ends.length, 2));
  gone.abort();
  await assert.rejects(first, { code: 'CANCELLED' });
  ends[1]?.('text');
  assert.equal(await second, 'text');
  assert.deepEqual(stopped, [1]);
});

test('what a worker asked for that is gone is stopped', async () => {
  const { ends, stopped, ofWorker, explaining } = shared();
  const asked = explaining.explain(request(1), AbortSignal.abort());
  await assert.rejects(asked, { code: 'CANCELLED' });
  void explaining.explain(request(2), new AbortController().signal).catch(() => undefined);
  await eventually(() => assert.equal(ends.length, 2));
  ofWorker[Symbol.dispose]();
  assert.deepEqual(stopped, [1, 2]);
});
