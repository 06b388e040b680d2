import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trimmed } from '../../ingest/retention/trim-log.ts';
import { startTrimming } from './trimming.ts';

const trimmed = (source: string, heldBy: string | null): Trimmed => ({
  ...{ source, heldBy, events: 0, sizeBytes: 0, deadLetters: 0 },
});

test('a failure stops nothing, and each reason is told once until there is another', async () => {
  const rounds = [
    [trimmed('taps', null), trimmed('others', 'slow')],
    [trimmed('taps', null), trimmed('others', 'slow')],
    'the disk is full',
    'the disk is full',
    [trimmed('taps', 'new'), trimmed('others', null)],
    'the disk is full',
    [trimmed('others', 'slow')],
  ];
  const messages: string[] = [];
  const ended = Promise.withResolvers<void>();
  await using _trimming = startTrimming(
    {
      async *trimLogs() {
        const round = rounds.shift();
        if (round === undefined) return ended.resolve();
        if (typeof round === 'string') throw new Error(round);
        yield* round;
      },
      logger: { warn: (_, message) => messages.push(message) },
    },
    1,
  );
  await ended.promise;
  const stay = (source: string, why: string) =>
    `events of ${source} stay in the log longer than log.retention says: ${why}`;
  const full = 'events could not leave the log: the disk is full';
  assert.deepEqual(messages, [stay('others', 'slow'), full, stay('taps', 'new'), full, stay('others', 'slow')]);
});

test('it ends where it is disposed of, in the middle of a round too', async () => {
  const begun = Promise.withResolvers<void>();
  let isEnded = false;
  const trimming = startTrimming(
    {
      async *trimLogs(signal) {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield trimmed('taps', null);
        isEnded = true;
      },
      logger: { warn: () => assert.fail('nothing is told') },
    },
    1,
  );
  await begun.promise;
  await trimming[Symbol.asyncDispose]();
  assert.ok(isEnded);
});
