import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionState } from '../../ingest/event-log.ts';
import type { LakePartition } from '../../ingest/lake/lake.ts';
import { cutsOf } from './replay.ts';

const state = (partition: number, first: bigint, next: bigint): PartitionState => ({
  ...{ source: 's', partition, epoch: 'b', first, next, lastAppendMicros: null, sizeBytes: 0 },
});

/** Parts of these epochs and beginnings, each as long as it is up to the next one. */
const lake = (partition: number, ...begins: readonly (readonly [string, bigint])[]): LakePartition => {
  const parts = begins.map(([epoch, from]) => ({
    ...{ key: `${epoch}${from}`, epoch, from, next: from + 10n, rows: 10, sizeBytes: 1, sha256: '' },
    ...{ firstAppendMicros: from, lastAppendMicros: from + 9n },
  }));
  const last = parts.at(-1);
  return { source: 's', partition, end: last === undefined ? null : { epoch: last.epoch, next: last.next }, parts };
};

const keys = (cuts: readonly (readonly LakePartition[])[]) =>
  cuts.map((cut) => cut.map(({ parts, end }) => `${parts.map(({ key }) => key)} → ${end?.epoch}${end?.next}`));

test('parts that the log has not from their first event on are filled in, the others are stages', () => {
  const stored = [lake(0, ['a', 0n], ['b', 0n], ['b', 10n], ['b', 20n])];
  assert.deepEqual(keys(cutsOf([state(0, 5n, 30n)], stored)), [
    ['a0,b0 → b10'],
    ['a0,b0,b10 → b20'],
    ['a0,b0,b10,b20 → b30'],
  ]);
});

test('there is one stage where the log has nothing of the lake, or nothing was pushed', () => {
  assert.deepEqual(keys(cutsOf([state(0, 10n, 10n)], [lake(0, ['b', 0n])])), [['b0 → b10'], ['b0 → b10']]);
  assert.deepEqual(keys(cutsOf([state(0, 0n, 0n)], [lake(0)])), [[' → undefinedundefined'], [' → undefinedundefined']]);
  assert.deepEqual(keys(cutsOf([state(0, 0n, 0n)], [])), [[], []]);
});

test('of many parts there are five stages, and of two partitions each ends where it did', () => {
  const many = lake(0, ...Array.from({ length: 12 }, (_, i): [string, bigint] => ['b', BigInt(i * 10)]));
  const cuts = cutsOf([state(0, 0n, 120n), state(1, 0n, 10n)], [many, lake(1, ['b', 0n])]);
  assert.deepEqual(
    cuts.map((cut) => cut.map(({ end }) => end?.next)),
    [
      [undefined, undefined],
      [20n, undefined],
      [40n, undefined],
      [70n, undefined],
      [90n, undefined],
      [120n, 10n],
    ],
  );
});
