import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Lease } from './lease.ts';
import { type Held, whileHeld } from './while-held.ts';

const LOST = new PlumbError('CONFLICT', 'another process has the lease');
const CANCELLED = new PlumbError('CANCELLED', 'the work was cancelled');

function leaseThatIsLost(): { readonly lease: Lease; readonly lose: () => void } {
  const control = new AbortController();
  const lease: Lease = {
    name: 'view.clicks',
    token: 1,
    signal: control.signal,
    assertHeld: async () => control.signal.throwIfAborted(),
    [Symbol.asyncDispose]: async () => {},
  };
  return { lease, lose: () => control.abort(LOST) };
}

const untilCancelled = async ({ signal }: Held): Promise<never> => {
  await sleep(60_000, undefined, { signal }).catch(() => undefined);
  throw CANCELLED;
};

test('work under leases ends with the conflict where any of them is lost', async () => {
  for (const place of [0, 1]) {
    const leases = [leaseThatIsLost(), leaseThatIsLost()];
    const working = whileHeld(
      leases.map(({ lease }) => lease),
      new AbortController().signal,
      untilCancelled,
    );
    leases[place]?.lose();
    await assert.rejects(working, LOST);
  }
});

test('work under leases that is cancelled says so, even where a lease is lost thereafter', async () => {
  const { lease, lose } = leaseThatIsLost();
  const control = new AbortController();
  const working = whileHeld([lease], control.signal, untilCancelled);
  control.abort();
  lose();
  await assert.rejects(working, CANCELLED);
});

test('what is asserted before a commit is every lease', async () => {
  const [kept, gone] = [leaseThatIsLost(), leaseThatIsLost()];
  const working = whileHeld([kept.lease, gone.lease], new AbortController().signal, async ({ assertHeld }) => {
    await assertHeld();
    gone.lose();
    await assert.rejects(assertHeld(), LOST);
    return 'done';
  });
  assert.equal(await working, 'done');
});

test('an error of the work itself is told while the leases are held', async () => {
  const { lease } = leaseThatIsLost();
  const failing = whileHeld([lease], new AbortController().signal, async () => {
    throw new TypeError('a mistake');
  });
  await assert.rejects(failing, TypeError);
});
