// What every event log must do. Adapters run it with a log of their own for each test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventLog, NewEvent, Position, Removal } from '../../../src/ingest/event-log.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  /** Sets the log's clock, in microseconds. */
  setClock(micros: bigint): void;
}

export type OpenLog = () => Promise<LogUnderTest & AsyncDisposable>;

const NO_LIMITS = { events: 1000, bytes: 2 ** 20 };
const CLICKS = { source: 'clicks', partition: 0 };
const HOUR = 3_600_000_000n;
const NOON = 1_700_000_000_000_000n;

const event = (text: string, id: string | null = null): NewEvent => ({ id, by: null, text: Buffer.from(text) });
const textOf = ({ text }: { readonly text: Uint8Array }): string => Buffer.from(text).toString();

const texts = async (log: EventLog, position: Position, limits = NO_LIMITS): Promise<readonly string[]> =>
  (await log.read(position, limits)).map(textOf);

export async function startOf(log: EventLog, source: string): Promise<Position> {
  const [state] = await log.partitions(source);
  assert.ok(state !== undefined);
  return { source, partition: state.partition, epoch: state.epoch, offset: state.first };
}

const isGap = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'LOG_GAP';

export function eventLogSuite(open: OpenLog): void {
  const logTest = (name: string, run: (under: LogUnderTest) => Promise<void>) =>
    test(name, async () => {
      await using under = await open();
      under.setClock(NOON);
      await run(under);
    });

  logTest('events come back in order, with who sent them and when', async ({ log }) => {
    const sent = { id: 'ä 1', by: 'mobile', text: Buffer.from('{"a":"ü"}') };
    await log.append('clicks', { events: [sent] });
    await log.append('clicks', { events: [event('{}')] });
    const events = await log.read(await startOf(log, 'clicks'), NO_LIMITS);
    assert.deepEqual(
      events.map(({ text, ...rest }) => ({ ...rest, text: textOf({ text }) })),
      [
        { offset: 0n, appendMicros: NOON, id: 'ä 1', by: 'mobile', text: '{"a":"ü"}' },
        { offset: 1n, appendMicros: NOON + 1n, id: null, by: null, text: '{}' },
      ],
    );
  });

  logTest('append times grow though the clock goes back', async ({ log, setClock }) => {
    const appended = [...(await log.append('clicks', { events: [event('1'), event('2')] }))];
    setClock(NOON - HOUR);
    appended.push(...(await log.append('clicks', { events: [event('3')] })));
    assert.deepEqual(
      appended.map(({ appendMicros }) => appendMicros - NOON),
      [0n, 1n, 2n],
    );
  });

  logTest('an id counts once, in one batch and in two; another text is told', async ({ log }) => {
    const first = await log.append('clicks', { events: [event('1', 'x'), event('1', 'x'), event('2', 'y')] });
    const again = await log.append('clicks', { events: [event('other', 'x'), event('3', 'z')] });
    assert.deepEqual(
      [...first, ...again].map(({ offset, duplicate }) => [offset, duplicate]),
      [
        [0n, 'no'],
        [0n, 'same'],
        [1n, 'no'],
        [0n, 'other'],
        [2n, 'no'],
      ],
    );
    assert.deepEqual(await texts(log, await startOf(log, 'clicks')), ['1', '2', '3']);
    assert.equal((await log.find('clicks', 'z'))?.offset, 2n);
    assert.equal(await log.find('clicks', 'none'), null);
    assert.equal(await log.find('others', 'z'), null);
  });

  logTest(
    'ids are forgotten after a day, not before, also where their event was trimmed',
    async ({ log, setClock }) => {
      await log.append('clicks', { events: [event('1', 'x')] });
      await log.trim(CLICKS, { neededFrom: 1n, appendedBeforeMicros: NOON + 1n, mostBytes: null });
      setClock(NOON + 24n * HOUR);
      const [kept] = await log.append('clicks', { events: [event('1', 'x')] });
      assert.deepEqual([kept?.offset, kept?.duplicate], [0n, 'same']);
      setClock(NOON + 24n * HOUR + 1n);
      const [anew] = await log.append('clicks', { events: [event('1', 'x')] });
      assert.deepEqual([anew?.offset, anew?.duplicate], [1n, 'no']);
    },
  );

  logTest('forgetting some ids leaves those of the day', async ({ log, setClock }) => {
    for (let i = 0; i < 20; i += 1) {
      setClock(NOON + BigInt(i) * 2n * HOUR);
      await log.append('clicks', { events: [event('n', `a${i}`), event('n', `b${i}`)] });
    }
    const known = await Promise.all(Array.from({ length: 20 }, (_, i) => log.find('clicks', `a${i}`)));
    assert.deepEqual(
      known.map((position) => position?.offset ?? null),
      Array.from({ length: 20 }, (_, i) => (i < 7 ? null : BigInt(2 * i))),
    );
  });

  logTest('sources do not mix, though one is called as another one begins', async ({ log }) => {
    await log.append('a', { events: [event('of a', 'x')] });
    await log.append('ab', { events: [event('of ab', 'x')] });
    assert.deepEqual(await texts(log, await startOf(log, 'a')), ['of a']);
    assert.deepEqual(await texts(log, await startOf(log, 'ab')), ['of ab']);
    assert.deepEqual(await log.sources(), ['a', 'ab']);
    const [none] = await log.partitions('none');
    assert.deepEqual([none?.first, none?.next, none?.lastAppendMicros, none?.sizeBytes], [0n, 0n, null, 0]);
  });

  logTest('a read is bounded by events and bytes, and has at least one', async ({ log }) => {
    await log.append('clicks', { events: ['1', '2', 'x'.repeat(1000), '4'].map((text) => event(text)) });
    const start = await startOf(log, 'clicks');
    assert.deepEqual(await texts(log, start, { events: 2, bytes: 10_000 }), ['1', '2']);
    assert.equal((await texts(log, { ...start, offset: 2n }, { events: 9, bytes: 10 })).length, 1);
    assert.equal((await texts(log, start, { events: 9, bytes: 500 })).length, 2);
    assert.deepEqual(await texts(log, { ...start, offset: 4n }), []);
  });

  logTest(
    'more events than a step removes are trimmed by age, as far as they are not needed',
    async ({ log, setClock }) => {
      const thousands = Array.from({ length: 12_000 }, (_, i) => event(String(i)));
      await log.append('clicks', { events: thousands });
      setClock(NOON + HOUR);
      await log.append('clicks', { events: [event('late')] });
      const old = { appendedBeforeMicros: NOON + HOUR, mostBytes: null };
      const trim = async (neededFrom: bigint, how: Removal) =>
        (await log.trim(CLICKS, { ...old, neededFrom }, how)).removed;
      assert.equal(await trim(20_000n, { dryRun: true }), 12_000);
      assert.equal(await trim(11_000n, { most: 6_000 }), 6_000);
      assert.equal(await trim(11_000n, {}), 5_000);
      assert.equal(await trim(20_000n, {}), 1_000);
      assert.deepEqual(await texts(log, await startOf(log, 'clicks')), ['late']);
      const start = await startOf(log, 'clicks');
      await assert.rejects(log.read({ ...start, offset: 11_999n }, NO_LIMITS), isGap);
    },
  );

  logTest('the oldest go by size, until no more than that is left', async ({ log }) => {
    const events = Array.from({ length: 10 }, (_, i) => event(String(i).repeat(100)));
    await log.append('clicks', { events });
    const [before] = await log.partitions('clicks');
    const mostBytes = (before?.sizeBytes ?? 0) / 2;
    assert.ok(mostBytes >= 500);
    const rules = { neededFrom: 99n, appendedBeforeMicros: null, mostBytes };
    for (const dryRun of [true, false])
      assert.deepEqual(await log.trim(CLICKS, rules, { dryRun }), { removed: 5, sizeBytes: mostBytes });
    const [after] = await log.partitions('clicks');
    assert.deepEqual([after?.first, after?.next, after?.sizeBytes], [5n, 10n, mostBytes]);
  });

  logTest('a position of another epoch, or beyond the end, is a gap', async ({ log }) => {
    await log.append('clicks', { events: [event('1')] });
    const start = await startOf(log, 'clicks');
    await assert.rejects(log.read({ ...start, epoch: 'other' }, NO_LIMITS), isGap);
    await assert.rejects(log.read({ ...start, offset: 2n }, NO_LIMITS), isGap);
  });

  logTest('who waits is woken by the next event, or by its signal', async ({ log }) => {
    await log.append('clicks', { events: [event('1')] });
    const start = await startOf(log, 'clicks');
    await log.waitForMore(start, AbortSignal.abort());
    const stop = new AbortController();
    await log.waitForMore(start, stop.signal);
    let isWoken = false;
    const waiting = log.waitForMore({ ...start, offset: 1n }, stop.signal).then(() => {
      isWoken = true;
    });
    await log.append('others', { events: [event('1')] });
    assert.equal(isWoken, false);
    await log.append('clicks', { events: [event('2')] });
    await waiting;
    const never = log.waitForMore({ ...start, offset: 2n }, stop.signal);
    stop.abort();
    await never;
  });

  logTest('rejected events are kept with their reason, in order, and leave by age', async ({ log, setClock }) => {
    const letter = (text: string) => ({ path: 'price', reason: 'no number', by: 'web', text });
    const one = { events: [event('1')], deadLetters: [letter('a'), letter('b')] };
    await log.append('clicks', one);
    await log.append('clicks', { events: [], deadLetters: [letter('c')] });
    setClock(NOON + HOUR);
    await log.append('clicks', { events: [], deadLetters: [letter('d')] });
    const kept = async (since: bigint, limit = 10) =>
      (await log.deadLetters('clicks', since, limit)).map(({ text, rejectedMicros }) => text + (rejectedMicros - NOON));
    assert.deepEqual(await kept(0n), ['a0', 'b0', 'c0', `d${HOUR}`]);
    assert.deepEqual(await kept(0n, 2), ['a0', 'b0']);
    assert.deepEqual(await kept(NOON + 1n), [`d${HOUR}`]);
    assert.deepEqual((await log.deadLetters('clicks', NOON + 1n, 1))[0], {
      ...letter('d'),
      rejectedMicros: NOON + HOUR,
    });
    assert.deepEqual(await log.removeDeadLetters('clicks', NOON + HOUR, { dryRun: true }), { removed: 3 });
    assert.deepEqual(await log.removeDeadLetters('clicks', NOON + HOUR, { most: 1 }), { removed: 1 });
    assert.deepEqual(await log.removeDeadLetters('clicks', NOON + HOUR), { removed: 2 });
    assert.deepEqual(await kept(0n), [`d${HOUR}`]);
    assert.deepEqual(await texts(log, await startOf(log, 'clicks')), ['1']);
  });

  logTest('as many rejected events as a request may have are kept in a moment, in order', async ({ log }) => {
    const letters = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ path: '', reason: 'bad', by: null, text: `${i}` }));
    await log.append('clicks', { events: [], deadLetters: letters(1) });
    await log.append('clicks', { events: [], deadLetters: letters(1) });
    await log.append('clicks', { events: [], deadLetters: letters(10_000) });
    const kept = await log.deadLetters('clicks', 0n, 20_000);
    assert.deepEqual(
      kept.map(({ text }) => text),
      ['0', '0', ...letters(10_000).map(({ text }) => text)],
    );
  });

  logTest('a batch that cannot be written leaves nothing', async ({ log }) => {
    await log.append('clicks', { events: [event('1', 'x')] });
    const broken = { id: 'z', by: 5 as unknown as string, text: Buffer.from('3') };
    await assert.rejects(log.append('clicks', { events: [event('2', 'y'), broken] }));
    const [again] = await log.append('clicks', { events: [event('2', 'y')] });
    assert.deepEqual([again?.offset, again?.duplicate], [1n, 'no']);
    assert.deepEqual(await texts(log, await startOf(log, 'clicks')), ['1', '2']);
  });

  logTest('batches that come at once are each whole, and in a row', async ({ log }) => {
    const batches = Array.from({ length: 50 }, (_, i) => [event(`${i}`), event(`${i}`), event(`${i}`)]);
    const appended = await Promise.all(batches.map((events) => log.append('clicks', { events })));
    const found = await texts(log, await startOf(log, 'clicks'));
    assert.equal(found.length, 150);
    appended.forEach((places, i) => {
      const offsets = places.map(({ offset }) => Number(offset));
      assert.deepEqual(
        offsets,
        [0, 1, 2].map((n) => (offsets[0] ?? -1) + n),
      );
      assert.deepEqual(
        offsets.map((offset) => found[offset]),
        [`${i}`, `${i}`, `${i}`],
      );
    });
  });
}
