// What every online store must do: each sentence of the port in src/online/online-store.ts. Run by one test file per adapter.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type {
  EntityKey,
  JudgeOf,
  OnlineStore,
  RowWrite,
  StoredRecord,
  SweepStep,
} from '../../../src/online/online-store.ts';
import { rowsOf, stateOf, textOf } from './reading.ts';
import { runAgainstModel, worldSteps } from './store-model.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const put = (entity: string, row: string): RowWrite => ({ entity: bytes(entity), row: bytes(row) });
/** Longer than a key of LMDB. */
const LONG = 'l'.repeat(3000);
const remove = (entity: string): RowWrite => ({ entity: bytes(entity), row: null });

async function rowOf(store: OnlineStore, entity: EntityKey, field = 'v@1'): Promise<string | null> {
  return textOf((await rowsOf(store, [entity], [field]))[0]?.[0]);
}

/** `open` gives an empty store; the suite closes it. */
export function onlineStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  const check = (sentence: string, body: (store: OnlineStore) => Promise<void>): void => {
    test(sentence, async () => {
      await using store = await open();
      await body(store);
    });
  };

  describe(`${name} online store: rows`, () => {
    check('answers a ping', (store) => store.ping());

    check('answers entities × fields in order, null where there is nothing', async (store) => {
      await store.writeRows('v@1', 1n, [put('a', 'a1'), put('b', 'b1')]);
      await store.writeRows('w@1', 1n, [put('b', 'b2')]);
      const rows = await rowsOf(store, ['b', 'x', 'a', 'b'].map(bytes), ['w@1', 'none@1', 'v@1']);
      const texts = rows.map((row) => row.map(textOf));
      assert.deepEqual(texts, [
        ['b2', null, 'b1'],
        [null, null, null],
        [null, null, 'a1'],
        ['b2', null, 'b1'],
      ]);
    });

    check('answers several selections and states in one call, each in its place', async (store) => {
      await store.writeRows('v@1', 1n, [put('a', 'a1'), remove('gone')]);
      await store.writeRows('w@1', 1n, [put('b', 'b2')]);
      await store.writeState('v', null, bytes('V'));
      const selections = [
        { entities: ['b'].map(bytes), fields: ['w@1'] },
        { entities: [], fields: ['v@1'] },
        { entities: ['a', 'gone', 'x'].map(bytes), fields: ['v@1', 'w@1'] },
        { entities: ['a'].map(bytes), fields: [] },
      ];
      const { rows, states } = await store.read(selections, ['w', 'v']);
      const texts = rows.map((selected) => selected.map((row) => row.map(textOf)));
      const nothing = [null, null];
      assert.deepEqual(texts, [[['b2']], [], [['a1', null], nothing, nothing], [[]]]);
      assert.deepEqual(states.map(textOf), [null, 'V']);
      assert.deepEqual(await store.read([], []), { rows: [], states: [] });
    });

    check('answers large selections whole', async (store) => {
      const keys = Array.from({ length: 5000 }, (_value, index) => bytes(`k${index}`));
      const writes = keys.map((entity, index) => ({ entity, row: bytes(`row ${index}`) }));
      assert.deepEqual(await store.writeRows('v@1', 1n, writes), { written: keys.length });
      const rows = await rowsOf(store, keys, ['v@1', 'w@1']);
      assert.deepEqual(
        rows.map((row) => row.map(textOf)),
        keys.map((_key, index) => [`row ${index}`, null]),
      );
    });

    check('answers nothing for no entities, and empty rows for no fields', async (store) => {
      assert.deepEqual(await rowsOf(store, [], ['v@1']), []);
      assert.deepEqual(await rowsOf(store, [bytes('a')], []), [[]]);
    });

    check('an equal or greater token replaces, a smaller one changes nothing', async (store) => {
      assert.deepEqual(await store.writeRows('v@1', 5n, [put('a', 'five'), put('b', 'five')]), { written: 2 });
      assert.deepEqual(await store.writeRows('v@1', 5n, [put('a', 'again')]), { written: 1 });
      assert.deepEqual(await store.writeRows('v@1', 4n, [put('a', 'late'), put('c', 'late')]), { written: 1 });
      assert.deepEqual(await store.writeRows('v@1', 6n, [put('b', 'six')]), { written: 1 });
      const rows = await Promise.all(['a', 'b', 'c'].map((key) => rowOf(store, bytes(key))));
      assert.deepEqual(rows, ['again', 'six', 'late']);
    });

    check('a tombstone hides the row and keeps its token', async (store) => {
      await store.writeRows('v@1', 1n, [put('a', 'one')]);
      assert.deepEqual(await store.writeRows('v@1', 3n, [remove('a'), remove('never')]), { written: 2 });
      assert.equal(await rowOf(store, bytes('a')), null);
      assert.deepEqual(await store.writeRows('v@1', 2n, [put('a', 'late'), put('never', 'late')]), { written: 0 });
      assert.equal(await rowOf(store, bytes('a')), null);
      await store.writeRows('v@1', 3n, [put('a', 'back')]);
      assert.equal(await rowOf(store, bytes('a')), 'back');
    });

    check('tokens fence each field for itself', async (store) => {
      await store.writeRows('v@1', 9n, [put('a', 'nine')]);
      assert.deepEqual(await store.writeRows('v@2', 1n, [put('a', 'one')]), { written: 1 });
    });

    check('tokens beyond 2^53 are told apart', async (store) => {
      await store.writeRows('v@1', 2n ** 53n + 1n, [put('a', 'newer')]);
      assert.deepEqual(await store.writeRows('v@1', 2n ** 53n, [put('a', 'older')]), { written: 0 });
    });

    check('of the same key twice in a batch the last counts', async (store) => {
      await store.writeRows('v@1', 1n, [put('a', 'first'), put('a', 'second')]);
      assert.equal(await rowOf(store, bytes('a')), 'second');
    });

    check('writing the same batch again changes nothing', async (store) => {
      for (let time = 0; time < 2; time += 1) {
        assert.deepEqual(await store.writeRows('v@1', 1n, [put('a', 'x'), remove('b')]), { written: 2 });
      }
      assert.equal(await rowOf(store, bytes('a')), 'x');
    });

    check('the caller may reuse its buffers, and change what it got', async (store) => {
      const [entity, row] = [Buffer.from('key'), Buffer.from('row')];
      await store.writeRows('v@1', 1n, [{ entity, row }]);
      row.fill(0);
      const answered = (await rowsOf(store, [entity], ['v@1']))[0]?.[0];
      assert.ok(answered);
      answered.fill(1);
      assert.equal(await rowOf(store, bytes('key')), 'row');
    });

    check('takes binary keys and rows, empty rows too', async (store) => {
      const keys = [
        Buffer.alloc(0),
        Buffer.from([0]),
        Buffer.from([0, 0]),
        Buffer.from([0xff]),
        Buffer.from([0xc3, 0x28]),
        Buffer.from([0, 1]),
      ];
      await store.writeRows(
        'v@1',
        1n,
        keys.map((entity, index) => ({ entity, row: Buffer.alloc(index, index) })),
      );
      const rows = await rowsOf(store, keys, ['v@1']);
      assert.deepEqual(
        rows.map(([row]) => [...(row ?? [99])]),
        keys.map((_key, index) => new Array(index).fill(index)),
      );
    });

    check('takes keys and rows of any length', async (store) => {
      const lengths = [1, 500, 1971, 1972, 1973, 1978, 2000, 5000, 100_000];
      const keys = lengths.flatMap((length) => [
        Buffer.alloc(length, 'k'),
        Buffer.concat([Buffer.alloc(length - 1, 'k'), bytes('z')]),
      ]);
      const writes = keys.map((entity, index) => ({ entity, row: Buffer.alloc(index * 1000, index) }));
      await store.writeRows('v@1', 1n, writes);
      await store.writeRows('v@1', 2n, writes.slice(0, 1));
      assert.deepEqual(await store.writeRows('v@1', 1n, writes), { written: writes.length - 1 });
      const rows = await rowsOf(store, keys, ['v@1']);
      for (const [index, [row]] of rows.entries())
        assert.equal(Buffer.compare(row ?? Buffer.from('none'), Buffer.alloc(index * 1000, index)), 0);
    });

    check('agrees with a model under interleaved tokens, tombstones and drops', async (store) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(worldSteps, async (steps) => {
          run += 1;
          await runAgainstModel(store, `run${run}`, steps);
        }),
        { numRuns: 60 },
      );
    });
  });

  describe(`${name} online store: fields`, () => {
    check('lists fields that have a row or a tombstone', async (store) => {
      assert.deepEqual(await store.listFields(), []);
      await store.writeRows('v@1', 1n, [put('a', 'x')]);
      await store.writeRows('w@b', 1n, [remove('a')]);
      await store.writeRows('empty@1', 1n, []);
      assert.deepEqual([...(await store.listFields())].toSorted(), ['v@1', 'w@b']);
    });

    check('drops the rows, tombstones and tokens of one field only; twice is no error', async (store) => {
      const many = Array.from({ length: 25_000 }, (_value, index) => put(`k${index}`, 'x'));
      await store.writeRows('v@1', 5n, [...many, remove('gone')]);
      await store.writeRows('v@2', 1n, [put('k0', 'kept')]);
      for (let time = 0; time < 2; time += 1) await store.dropField('v@1');
      assert.deepEqual(await store.listFields(), ['v@2']);
      assert.equal(await rowOf(store, bytes('k0')), null);
      assert.equal(await rowOf(store, bytes('k0'), 'v@2'), 'kept');
      assert.deepEqual(await store.writeRows('v@1', 1n, [put('gone', 'new')]), { written: 1 });
      assert.equal(await rowOf(store, bytes('k24999')), null);
    });

    check('dropping what never was is no error', (store) => store.dropField('none@1'));
  });

  describe(`${name} online store: sweeps`, () => {
    const tokenBelow = (token: bigint) => (record: StoredRecord) => record.token < token;
    /** From `cursor` to the end; answers what was seen and removed. */
    const sweepAll = async (store: OnlineStore, judgeOf: JudgeOf, limit: number, isDry = false) => {
      const sum = { seen: 0, removed: 0, steps: 0 };
      let cursor: string | null = null;
      do {
        const step: SweepStep = await store.sweep(judgeOf, cursor, limit, isDry);
        sum.seen += step.seen;
        sum.removed += step.removed;
        sum.steps += 1;
        cursor = step.cursor;
      } while (cursor !== null);
      return sum;
    };

    check('an empty store is swept at once', async (store) => {
      const step = await store.sweep(() => () => true, null, 100, false);
      assert.deepEqual(step, { seen: 0, removed: 0, cursor: null });
    });

    check('shows every row and tombstone of the judged fields, and removes what is judged so', async (store) => {
      await store.writeRows('v@1', 7n, [put('a', 'row of a'), remove('gone'), put(LONG, 'row of long')]);
      await store.writeRows('w@1', 8n, [put('a', 'other')]);
      const shown: string[] = [];
      const judgeOf: JudgeOf = (field) =>
        field === 'w@1' ? null : ({ token, row }) => shown.push(`${field} ${token} ${textOf(row)}`) > 0 && row === null;
      const { seen, removed } = await sweepAll(store, judgeOf, 100);
      assert.deepEqual({ seen, removed }, { seen: 3, removed: 1 });
      assert.deepEqual(shown.toSorted(), ['v@1 7 null', 'v@1 7 row of a', 'v@1 7 row of long']);
      assert.deepEqual(await store.writeRows('v@1', 1n, [put('gone', 'back')]), { written: 1 });
      assert.equal(await rowOf(store, bytes(LONG)), 'row of long');
      assert.equal(await rowOf(store, bytes('a'), 'w@1'), 'other');
    });

    check('many records are swept in steps, each of them once or more, and what is over is gone', async (store) => {
      const writes = Array.from({ length: 6000 }, (_value, index) => put(`k${index}`, `${index}`));
      await store.writeRows('v@1', 1n, writes);
      await store.writeRows(
        'v@1',
        2n,
        writes.filter((_write, index) => index % 3 === 0),
      );
      await store.writeRows('w@1', 1n, writes.slice(0, 100));
      const dry = await sweepAll(store, () => tokenBelow(2n), 700, true);
      assert.deepEqual([dry.removed, dry.steps > 5, dry.seen >= 6100], [4100, true, true]);
      assert.equal(await rowOf(store, bytes('k1')), '1');
      const done = await sweepAll(store, () => tokenBelow(2n), 700);
      assert.equal(done.removed, 4100);
      const rows = await rowsOf(
        store,
        writes.map(({ entity }) => entity),
        ['v@1', 'w@1'],
      );
      assert.deepEqual(
        rows.map((row) => row.map(textOf)),
        writes.map((_write, index) => [index % 3 === 0 ? `${index}` : null, null]),
      );
      assert.equal((await sweepAll(store, () => tokenBelow(2n), 700)).removed, 0);
    });

    check('a row that is written again while it is judged stays', async (store) => {
      await store.writeRows('v@1', 1n, [put('a', 'old'), put('b', 'old')]);
      const written: Promise<unknown>[] = [];
      const judgeOf: JudgeOf = () => (record) => {
        if (written.length === 0) written.push(store.writeRows('v@1', 2n, [put('a', 'new'), put('b', 'new')]));
        return record.token === 1n;
      };
      await sweepAll(store, judgeOf, 100);
      await Promise.all(written);
      assert.equal(written.length, 1);
      assert.deepEqual([await rowOf(store, bytes('a')), await rowOf(store, bytes('b'))], ['new', 'new']);
    });

    check('a sweep that is cut off goes on from its cursor', async (store) => {
      const writes = Array.from({ length: 3000 }, (_value, index) => put(`k${index}`, 'x'));
      await store.writeRows('v@1', 1n, writes);
      const first = await store.sweep(() => () => true, null, 1000, false);
      assert.ok(first.cursor !== null && first.removed > 0 && first.removed < 3000);
      let removed = first.removed;
      for (let cursor: string | null = first.cursor; cursor !== null; ) {
        const step: SweepStep = await store.sweep(() => () => true, cursor, 1000, false);
        removed += step.removed;
        cursor = step.cursor;
      }
      assert.equal(removed, 3000);
    });
  });

  describe(`${name} online store: lives`, () => {
    const LONG_ENOUGH = 60_000;
    const living = (entity: string, lifeMillis: number | null): RowWrite => ({ ...put(entity, 'row'), lifeMillis });

    check('a row is there for as long as it has to be', async (store) => {
      await store.writeRows('v@1', 1n, [living('a', LONG_ENOUGH), living('b', null), put('c', 'row')]);
      const rows = await rowsOf(store, ['a', 'b', 'c'].map(bytes), ['v@1']);
      assert.deepEqual(
        rows.map(([row]) => textOf(row)),
        ['row', 'row', 'row'],
      );
    });

    check('a longer life than that of another field of the key is kept, whichever was written first', async (store) => {
      await store.writeRows('short@1', 1n, [living('a', 1), living('b', 1)]);
      await store.writeRows('long@1', 1n, [
        living('a', LONG_ENOUGH),
        living('b', null),
        living('c', LONG_ENOUGH),
        living('d', null),
      ]);
      await store.writeRows('short@1', 1n, [living('c', 1), living('d', 1)]);
      await sleep(20);
      const rows = await rowsOf(store, ['a', 'b', 'c', 'd'].map(bytes), ['long@1']);
      assert.deepEqual(
        rows.map(([row]) => textOf(row)),
        ['row', 'row', 'row', 'row'],
      );
    });

    check('a row that is written again lives from then on', async (store) => {
      await store.writeRows('v@1', 1n, [living('a', 1), living('b', 1)]);
      await store.writeRows('v@1', 2n, [living('a', LONG_ENOUGH), living('b', null)]);
      await sleep(20);
      const rows = await rowsOf(store, ['a', 'b'].map(bytes), ['v@1']);
      assert.deepEqual(
        rows.map(([row]) => textOf(row)),
        ['row', 'row'],
      );
    });

    check('regression: a row that is written again by itself, for ever, stays', async (store) => {
      await store.writeRows('v@1', 1n, [living('a', 200)]);
      await store.writeRows('v@1', 2n, [living('a', null)]);
      await sleep(300);
      assert.equal(await rowOf(store, bytes('a')), 'row');
    });

    check('a write that is fenced off changes no life', async (store) => {
      await store.writeRows('v@1', 5n, [living('a', LONG_ENOUGH)]);
      assert.deepEqual(await store.writeRows('v@1', 4n, [living('a', 1)]), { written: 0 });
      await sleep(20);
      assert.equal(await rowOf(store, bytes('a')), 'row');
    });
  });

  describe(`${name} online store: states`, () => {
    check('reads the states of the views asked for; absent ones are absent', async (store) => {
      assert.deepEqual((await store.read([], ['a', 'b'])).states, [null, null]);
      assert.equal(await store.writeState('a', null, bytes('A')), true);
      assert.equal(await store.writeState('äöü', null, bytes('U')), true);
      const { states } = await store.read([], ['b', 'a', 'äöü', 'a']);
      assert.deepEqual(states.map(textOf), [null, 'A', 'U', 'A']);
      assert.deepEqual([...(await store.listStates()).keys()].toSorted(), ['a', 'äöü']);
    });

    check('writes a state only where the stored one is as expected', async (store) => {
      assert.equal(await store.writeState('v', bytes('x'), bytes('1')), false);
      assert.equal(await store.writeState('v', null, bytes('1')), true);
      assert.equal(await store.writeState('v', null, bytes('2')), false);
      assert.equal(await store.writeState('v', bytes('12'), bytes('2')), false);
      assert.equal(await store.writeState('v', bytes('1'), bytes('2')), true);
      assert.equal(textOf(await stateOf(store, 'v')), '2');
    });

    check('removes a state only where the stored one is as expected', async (store) => {
      assert.equal(await store.removeState('v', bytes('1')), false);
      await store.writeState('v', null, bytes('1'));
      await store.writeState('w', null, bytes('1'));
      assert.equal(await store.removeState('v', bytes('2')), false);
      assert.equal(textOf(await stateOf(store, 'v')), '1');
      assert.equal(await store.removeState('v', bytes('1')), true);
      assert.equal(await stateOf(store, 'v'), null);
      assert.deepEqual([...(await store.listStates()).keys()], ['w']);
      assert.equal(await store.writeState('v', null, bytes('3')), true);
    });

    check('of racing writers exactly one wins each time', async (store) => {
      for (let round = 0; round < 10; round += 1) {
        const before = await stateOf(store, 'v');
        const racers = Array.from({ length: 8 }, (_value, racer) =>
          store.writeState('v', before, bytes(`${round}.${racer}`)),
        );
        assert.equal((await Promise.all(racers)).filter(Boolean).length, 1);
      }
    });

    check('no state is older than a row that was read with it', async (store) => {
      const entity = bytes('a');
      const numberIn = (found: Uint8Array | null | undefined): number => Number(textOf(found) ?? 0);
      let isWriting = true;
      const write = async (): Promise<void> => {
        for (let count = 1; count <= 200; count += 1) {
          const before = count === 1 ? null : bytes(`${count - 1}`);
          assert.ok(await store.writeState('v', before, bytes(`${count}`)));
          await store.writeRows('v@1', BigInt(count), [{ entity, row: bytes(`${count}`) }]);
          await new Promise(setImmediate);
        }
        isWriting = false;
      };
      const seen = new Set<number>();
      const read = async (): Promise<void> => {
        while (isWriting) {
          const { rows, states } = await store.read([{ entities: [entity], fields: ['v@1'] }], ['v']);
          const [row, state] = [numberIn(rows[0]?.[0]?.[0]), numberIn(states[0])];
          assert.ok(state >= row, `row ${row} was read with state ${state}`);
          seen.add(state);
          await new Promise(setImmediate);
        }
      };
      await Promise.all([write(), read(), read()]);
      assert.ok(seen.size > 1);
    });

    check('states and rows do not touch each other', async (store) => {
      await store.writeState('v', null, bytes('state'));
      await store.writeRows('v', 1n, [put('v', 'row')]);
      await store.dropField('v');
      assert.equal(textOf(await stateOf(store, 'v')), 'state');
      assert.deepEqual(await store.listFields(), []);
    });
  });
}
