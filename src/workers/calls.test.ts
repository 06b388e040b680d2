import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { Calls, type Functions } from './calls.ts';

/** Two sides whose messages are cloned as between processes. */
function connected<A extends Functions, B extends Functions>(ofA: A, ofB: B) {
  const defects: unknown[] = [];
  const onDefect = (error: unknown): void => void defects.push(error);
  const deliver = (to: () => { receive(message: object): void }) => (message: object) =>
    setImmediate(() => to().receive(structuredClone(message)));
  const a: Calls<A, B> = new Calls<A, B>({ functions: ofA, send: deliver(() => b), onDefect });
  const b: Calls<B, A> = new Calls<B, A>({ functions: ofB, send: deliver(() => a), onDefect });
  return { a, b, defects };
}

test('each side calls the other; arguments and results keep their types; answers may come in any order', async () => {
  const gate = Promise.withResolvers<string>();
  const { a, b } = connected(
    { twice: (n: bigint) => n * 2n },
    { late: () => gate.promise, sum: (x: number, y: number) => x + y },
  );
  const late = a.remote.late();
  assert.equal(await a.remote.sum(1, 2), 3);
  assert.equal(await b.remote.twice(2n ** 62n), 2n ** 63n);
  gate.resolve('late');
  assert.equal(await late, 'late');
});

test('a PlumbError arrives as one, whole; of another failure the other side learns nothing', async () => {
  const refused = new PlumbError('TOO_MANY_REQUESTS', 'full at host x', {
    ...{ details: { limit: 'queuedJobs' }, privateDetails: { host: 'x' }, publicMessage: 'full' },
  });
  const secret = new Error('secret');
  const { a, defects } = connected({}, { full: () => Promise.reject(refused), bug: () => Promise.reject(secret) });
  await assert.rejects(a.remote.full(), (error) => {
    assert.ok(error instanceof PlumbError);
    const { code, message, details, privateDetails, publicMessage } = error;
    assert.deepEqual(
      { code, message, details, privateDetails, publicMessage },
      {
        code: refused.code,
        message: refused.message,
        details: refused.details,
        privateDetails: refused.privateDetails,
        publicMessage: 'full',
      },
    );
    return true;
  });
  await assert.rejects(a.remote.bug(), { code: 'INTERNAL', message: 'internal error' });
  assert.deepEqual(defects, [secret]);
});

test('when the other side has gone, what waits fails, and what is asked later', async () => {
  const { a } = connected({}, { never: () => new Promise<never>(() => {}) });
  const waiting = a.remote.never();
  const gone = new PlumbError('INTERRUPTED', 'gone');
  a.close(gone);
  await assert.rejects(waiting, gone);
  await assert.rejects(a.remote.never(), gone);
});
