import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { patiently } from './patiently.ts';

const away = (message: string): PlumbError => new PlumbError('STORAGE_UNAVAILABLE', message);

/** Fails with each of `failures`, then works. */
function world(failures: readonly Error[]) {
  const told: string[] = [];
  let attempts = 0;
  const stop = new AbortController();
  const attempt = async (): Promise<string> => {
    const failure = failures[attempts++];
    if (failure !== undefined) throw failure;
    return 'open';
  };
  const onReason = ({ message }: PlumbError): void => void told.push(message);
  const waiting = () => patiently(attempt, { signal: stop.signal, onReason, firstMillis: 1, longestMillis: 2 });
  return { told, stop, waiting, attempts: () => attempts };
}

test('tries until it works; a reason is told once, until there is another', async () => {
  const reasons = ['not mounted', 'not mounted', 'no permission', 'not mounted'].map(away);
  const { told, waiting, attempts } = world([...reasons, new PlumbError('NOT_APPLIED', 'run apply')]);
  assert.equal(await waiting(), 'open');
  assert.deepEqual([told, attempts()], [['not mounted', 'no permission', 'not mounted', 'run apply'], 6]);
});

test('what does not pass by itself is thrown at once', async () => {
  for (const lasting of [new PlumbError('STORAGE_CORRUPT', 'damaged'), new Error('a defect')]) {
    const { told, waiting, attempts } = world([away('away'), lasting, away('never asked')]);
    await assert.rejects(waiting(), lasting);
    assert.deepEqual([told, attempts()], [['away'], 2]);
  }
});

test('the waiting ends when it is told to', async () => {
  const { waiting, stop } = world(Array.from({ length: 100_000 }, () => away('away')));
  const waited = waiting();
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(waited, { name: 'AbortError' });
});
