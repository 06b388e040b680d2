// What every store that takes streams must do: each sentence of the port in src/online/stream-store.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FieldName, OnlineStore, StoredRecord } from '../../../src/online/online-store.ts';
import {
  MOST_STREAM_BYTES,
  MOST_STREAM_WRITES,
  type SentinelKey,
  type SentinelWrite,
  type StreamStore,
  type StreamWrite,
} from '../../../src/online/stream-store.ts';
import { rowsOf, textOf } from './reading.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const orNull = (text: string | null): Uint8Array | null => (text === null ? null : bytes(text));
/** Longer than a key of LMDB. */
const LONG = 'l'.repeat(3000);
const KEY: SentinelKey = { field: 'v@1', source: 'clicks', partition: 0 };

const moves = (expected: string | null, next: string | null, key = KEY): SentinelWrite => ({
  key,
  expected: orNull(expected),
  next: orNull(next),
});
const put = (entity: string, expectedVersion: bigint | null, next: string | null, field = 'v@1'): StreamWrite => ({
  entity: bytes(entity),
  field,
  expectedVersion,
  next: orNull(next),
});

interface Seen {
  readonly texts: readonly (string | null)[];
  readonly versions: readonly (bigint | null)[];
  readonly sentinel: string | null;
}

/** Of one field, with the sentinel of `key`. */
async function look(streams: StreamStore, entities: readonly string[], field = 'v@1', key = KEY): Promise<Seen> {
  const read = await streams.read({ entities: entities.map(bytes), fields: [field] }, [key]);
  return {
    texts: read.entries.map(([entry]) => textOf(entry?.bytes)),
    versions: read.entries.map(([entry]) => entry?.version ?? null),
    sentinel: textOf(read.sentinels[0]),
  };
}

const versionOf = async (streams: StreamStore, entity: string): Promise<bigint | null> =>
  (await look(streams, [entity])).versions[0] ?? null;

/** `open` gives an empty store; the suite closes it. */
export function streamStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  const check = (sentence: string, body: (streams: StreamStore, store: OnlineStore) => Promise<void>): void => {
    test(sentence, async () => {
      await using store = await open();
      await body(store.streams(), store);
    });
  };

  describe(`${name} stream store: commits`, () => {
    check('an empty store has no entry and no sentinel', async (streams) => {
      const nothing = { texts: [null], versions: [null], sentinel: null };
      assert.deepEqual(await look(streams, ['a']), nothing);
      assert.deepEqual(await streams.listSentinels(), []);
      assert.deepEqual(await streams.read({ entities: [], fields: ['v@1'] }, []), { entries: [], sentinels: [] });
      assert.deepEqual((await streams.read({ entities: [bytes('a')], fields: [] }, [])).entries, [[]]);
    });

    check('what was committed is read back, each in its place, and by lookups', async (streams, store) => {
      const other = { field: 'w@1', source: 'clicks', partition: 4_294_967_295 };
      const done = await streams.commit({
        sentinels: [moves(null, 's1'), moves(null, 's2', other)],
        writes: [put('a', null, 'a1'), put(LONG, null, 'l1'), put('a', null, 'a2', 'w@1'), put('e', null, '')],
      });
      assert.equal(done, true);
      const entities = ['b', 'a', LONG, 'e'].map(bytes);
      const read = await streams.read({ entities, fields: ['w@1', 'v@1'] }, [other, { ...KEY, partition: 1 }, KEY]);
      const expected = [
        [null, null],
        ['a2', 'a1'],
        [null, 'l1'],
        [null, ''],
      ];
      assert.deepEqual(
        read.entries.map((entries) => entries.map((entry) => textOf(entry?.bytes))),
        expected,
      );
      assert.deepEqual(read.sentinels.map(textOf), ['s2', null, 's1']);
      assert.deepEqual(
        (await rowsOf(store, entities, ['w@1', 'v@1'])).map((row) => row.map(textOf)),
        expected,
      );
      assert.deepEqual((await store.listFields()).toSorted(), ['v@1', 'w@1']);
    });

    check('each commit gives other versions, of 63 bits', async (streams) => {
      const seen = new Set<bigint>();
      for (let round = 0; round < 5; round += 1) {
        const { versions } = await look(streams, ['a', 'b']);
        const writes = ['a', 'b'].map((entity, index) => put(entity, versions[index] ?? null, 'same'));
        assert.ok(await streams.commit({ sentinels: [], writes }));
        for (const version of (await look(streams, ['a', 'b'])).versions) seen.add(version ?? 0n);
      }
      assert.equal(seen.size, 10);
      assert.ok([...seen].every((version) => version > 2n ** 53n && version < 2n ** 63n));
    });

    check('a sentinel that is not as expected: nothing changes', async (streams) => {
      await streams.commit({ sentinels: [moves(null, 's1')], writes: [put('a', null, 'a1')] });
      const before = await look(streams, ['a', 'b']);
      const writes = [put('a', before.versions[0] ?? null, 'a2'), put('b', null, 'b2')];
      const absent = { ...KEY, partition: 1 };
      for (const wrong of [moves('s', 's2'), moves('s12', 's2'), moves(null, 's2'), moves('s1', 's2', absent)]) {
        assert.equal(await streams.commit({ sentinels: [wrong], writes }), false);
        const sentinels = [moves(null, 'x', { ...KEY, source: 'other' }), wrong];
        assert.equal(await streams.commit({ sentinels, writes }), false);
      }
      assert.deepEqual(await look(streams, ['a', 'b']), before);
      assert.equal((await streams.listSentinels()).length, 1);
      assert.equal(await streams.commit({ sentinels: [moves('s1', 's2')], writes }), true);
    });

    check('a version that is not as expected: nothing changes', async (streams, store) => {
      await streams.commit({ sentinels: [moves(null, 's1')], writes: [put('a', null, 'a1'), put('b', null, 'b1')] });
      const before = await look(streams, ['a', 'b', 'c']);
      const [ofA = null, ofB = null] = before.versions;
      const right = put('a', ofA, 'a2');
      for (const wrong of [put('b', ofA, 'b2'), put('b', null, 'b2'), put('b', 1n, null), put('c', ofB, 'c2')]) {
        assert.equal(await streams.commit({ sentinels: [moves('s1', 's2')], writes: [right, wrong] }), false);
        assert.equal(await streams.commit({ sentinels: [], writes: [wrong] }), false);
      }
      const unknown = put('a', 1n, 'x', 'none@1');
      assert.equal(await streams.commit({ sentinels: [], writes: [unknown] }), false);
      assert.deepEqual(await look(streams, ['a', 'b', 'c']), before);
      assert.deepEqual(await store.listFields(), ['v@1']);
    });

    check('what is removed is absent, entry and sentinel', async (streams, store) => {
      await streams.commit({ sentinels: [moves(null, 's1')], writes: [put('a', null, 'a1'), put(LONG, null, 'l1')] });
      const { versions } = await look(streams, ['a', LONG]);
      const writes = [put('a', versions[0] ?? null, null), put(LONG, versions[1] ?? null, null), put('b', null, null)];
      assert.equal(await streams.commit({ sentinels: [moves('s1', null)], writes }), true);
      assert.deepEqual(await look(streams, ['a', LONG, 'b']), {
        texts: [null, null, null],
        versions: [null, null, null],
        sentinel: null,
      });
      assert.deepEqual(await rowsOf(store, [bytes('a')], ['v@1']), [[null]]);
      assert.equal(await streams.commit({ sentinels: [moves(null, 's2')], writes: [put('a', null, 'a2')] }), true);
      assert.deepEqual((await look(streams, ['a'])).texts, ['a2']);
    });

    check('a commit of sentinels alone moves them, and lists their field', async (streams, store) => {
      assert.equal(await streams.commit({ sentinels: [moves(null, '')], writes: [] }), true);
      assert.equal((await look(streams, [])).sentinel, '');
      assert.deepEqual(await store.listFields(), ['v@1']);
      assert.equal(await streams.commit({ sentinels: [moves('', 's1')], writes: [] }), true);
      assert.equal((await look(streams, [])).sentinel, 's1');
    });

    check('the caller may reuse its buffers, and change what it got', async (streams) => {
      const [entity, next, sentinel] = [Buffer.from('key'), Buffer.from('entry'), Buffer.from('s1')];
      const write: StreamWrite = { entity, field: 'v@1', expectedVersion: null, next };
      await streams.commit({ sentinels: [{ key: KEY, expected: null, next: sentinel }], writes: [write] });
      for (const used of [next, sentinel]) used.fill(0);
      const read = await streams.read({ entities: [entity], fields: ['v@1'] }, [KEY]);
      for (const got of [read.entries[0]?.[0]?.bytes, read.sentinels[0]]) got?.fill(1);
      const { texts, sentinel: stored } = await look(streams, ['key']);
      assert.deepEqual([texts, stored], [['entry'], 's1']);
    });

    check('takes as many writes and bytes as the port says, and refuses more', async (streams) => {
      const most = Array.from({ length: MOST_STREAM_WRITES }, (_none, index) => put(`k${index}`, null, `${index}`));
      const tooMany = { sentinels: [], writes: [...most, put('more', null, 'x')] };
      await assert.rejects(streams.commit(tooMany), { code: 'TOO_LARGE', message: /1001 writes, expected 1000/ });
      const large = (sizeBytes: number): StreamWrite => ({
        ...put('k', null, null, 'w@1'),
        next: Buffer.alloc(sizeBytes),
      });
      const tooLarge = streams.commit({ sentinels: [], writes: [large(MOST_STREAM_BYTES)] });
      await assert.rejects(tooLarge, { code: 'TOO_LARGE', message: /4194305 bytes, expected 4194304/ });
      const nothing = await look(streams, ['k', 'more', 'k0']);
      assert.deepEqual(nothing.texts, [null, null, null]);
      assert.equal(await streams.commit({ sentinels: [], writes: most }), true);
      assert.equal(await streams.commit({ sentinels: [], writes: [large(MOST_STREAM_BYTES - 1)] }), true);
      const { texts } = await look(
        streams,
        most.map((_write, index) => `k${index}`),
      );
      assert.deepEqual(
        texts,
        most.map((_write, index) => `${index}`),
      );
    });

    check('reads large selections whole', async (streams) => {
      const names = Array.from({ length: 3000 }, (_none, index) => `k${index}`);
      for (let from = 0; from < names.length; from += 1000)
        await streams.commit({ sentinels: [], writes: names.slice(from, from + 1000).map((n) => put(n, null, n)) });
      assert.deepEqual((await look(streams, names)).texts, names);
    });
  });

  describe(`${name} stream store: several committers`, () => {
    check('of two on one sentinel exactly one wins each round', async (streams) => {
      for (let round = 0; round < 100; round += 1) {
        const { sentinel, versions } = await look(streams, ['a', 'b']);
        const racers = ['x', 'y'].map((racer) =>
          streams.commit({
            sentinels: [moves(sentinel, `${round}${racer}`)],
            writes: ['a', 'b'].map((entity, index) => put(entity, versions[index] ?? null, `${round}${racer}`)),
          }),
        );
        const outcomes = await Promise.all(racers);
        assert.equal(outcomes.filter(Boolean).length, 1, `round ${round}: ${outcomes}`);
        const won = `${round}${outcomes[0] ? 'x' : 'y'}`;
        const after = await look(streams, ['a', 'b']);
        assert.deepEqual([after.texts, after.sentinel], [[won, won], won]);
      }
    });

    check('partitions that count into one entry lose nothing', async (streams) => {
      const ROUNDS = 40;
      const count = async (partition: number): Promise<void> => {
        const key = { ...KEY, partition };
        for (let done = 0; done < ROUNDS; ) {
          const { texts, versions, sentinel } = await look(streams, ['sum'], 'v@1', key);
          const writes = [put('sum', versions[0] ?? null, String(Number(texts[0] ?? 0) + 1))];
          if (await streams.commit({ sentinels: [moves(sentinel, String(done + 1), key)], writes })) done += 1;
          await new Promise(setImmediate);
        }
      };
      await Promise.all([0, 1, 2].map(count));
      assert.deepEqual((await look(streams, ['sum'])).texts, [String(3 * ROUNDS)]);
      assert.deepEqual(
        (await streams.listSentinels()).map(({ sentinel }) => textOf(sentinel)),
        ['40', '40', '40'],
      );
    });

    check('no entry is older than the sentinel that is read with it', async (streams) => {
      let isWriting = true;
      const write = async (): Promise<void> => {
        for (let round = 1; round <= 100; round += 1) {
          const { versions, sentinel } = await look(streams, ['a']);
          const writes = [put('a', versions[0] ?? null, String(round))];
          assert.ok(await streams.commit({ sentinels: [moves(sentinel, String(round))], writes }));
        }
        isWriting = false;
      };
      const read = async (): Promise<void> => {
        while (isWriting) {
          const { texts, sentinel } = await look(streams, ['a']);
          assert.ok(Number(texts[0] ?? 0) >= Number(sentinel ?? 0), `entry ${texts[0]}, sentinel ${sentinel}`);
          await new Promise(setImmediate);
        }
      };
      await Promise.all([write(), read()]);
    });
  });

  describe(`${name} stream store: sentinels`, () => {
    const keys: readonly SentinelKey[] = [
      { field: 'v@1', source: 'clicks', partition: 0 },
      { field: 'v@1', source: 'clicks', partition: 256 },
      { field: 'v@1', source: 'orders', partition: 1 },
      { field: 'v@10', source: 'clicks', partition: 0 },
      { field: 'w@1', source: 'clicks', partition: 0 },
    ];
    const fill = (streams: StreamStore): Promise<boolean> =>
      streams.commit({
        sentinels: keys.toReversed().map((key) => moves(null, `${key.field} ${key.source} ${key.partition}`, key)),
        writes: ['v@1', 'v@10', 'w@1'].map((field) => put('a', null, field, field)),
      });
    const listed = async (streams: StreamStore, field?: FieldName): Promise<readonly SentinelKey[]> => {
      const found = await streams.listSentinels(field);
      for (const { key, sentinel } of found)
        assert.equal(textOf(sentinel), `${key.field} ${key.source} ${key.partition}`);
      return found.map(({ key }) => key);
    };

    check('are listed in order, of one field or of all', async (streams) => {
      await fill(streams);
      assert.deepEqual(await listed(streams), keys);
      assert.deepEqual(await listed(streams, 'v@1'), keys.slice(0, 3));
      assert.deepEqual(await listed(streams, 'v'), []);
    });

    check('are dropped by field, and the entries stay', async (streams) => {
      await fill(streams);
      await streams.dropSentinels('v@1');
      await streams.dropSentinels('none@1');
      assert.deepEqual(await listed(streams), keys.slice(3));
      const { texts, versions, sentinel } = await look(streams, ['a']);
      assert.deepEqual([texts, sentinel], [['v@1'], null]);
      const late = { sentinels: [moves('v@1 clicks 0', 'x')], writes: [put('a', versions[0] ?? null, 'late')] };
      assert.equal(await streams.commit(late), false);
    });

    check('go with their field', async (streams, store) => {
      await fill(streams);
      await store.dropField('v@1');
      assert.deepEqual(await listed(streams), keys.slice(3));
      assert.deepEqual((await look(streams, ['a'])).texts, [null]);
      assert.deepEqual((await look(streams, ['a'], 'w@1')).texts, ['w@1']);
      const late = { sentinels: [moves('v@1 clicks 0', 'x')], writes: [put('a', null, 'late')] };
      assert.equal(await streams.commit(late), false);
      assert.deepEqual((await store.listFields()).toSorted(), ['v@10', 'w@1']);
    });

    check('without an entry go with their field too', async (streams, store) => {
      await streams.commit({ sentinels: [moves(null, 's1')], writes: [] });
      await store.dropField('v@1');
      assert.deepEqual([await streams.listSentinels(), await store.listFields()], [[], []]);
    });
  });

  describe(`${name} stream store: beside runs`, () => {
    const batch = (
      store: OnlineStore,
      field: FieldName,
      token: bigint,
      rows: Readonly<Record<string, string | null>>,
    ) =>
      store.writeRows(
        field,
        token,
        Object.entries(rows).map(([entity, row]) => ({ entity: bytes(entity), row: orNull(row) })),
      );

    check('rows of other fields stay as they are', async (streams, store) => {
      await batch(store, 'w@1', 7n, { a: 'row of a', gone: null });
      await streams.commit({
        sentinels: [moves(null, 's1')],
        writes: [put('a', null, 'entry'), put('gone', null, 'x')],
      });
      const texts = async () =>
        (await rowsOf(store, ['a', 'gone'].map(bytes), ['w@1', 'v@1'])).map((row) => row.map(textOf));
      assert.deepEqual(await texts(), [
        ['row of a', 'entry'],
        [null, 'x'],
      ]);
      assert.deepEqual(await batch(store, 'w@1', 6n, { a: 'late', gone: 'late' }), { written: 0 });
      assert.deepEqual(await batch(store, 'w@1', 8n, { a: 'next' }), { written: 1 });
      assert.deepEqual(await texts(), [
        ['next', 'entry'],
        [null, 'x'],
      ]);
    });

    check(
      'goes on from the rows of a run; their version is its token, and a tombstone is nothing',
      async (streams, store) => {
        await batch(store, 'v@1', 7n, { a: 'row', gone: null });
        const { texts, versions } = await look(streams, ['a', 'gone']);
        assert.deepEqual(
          [texts, versions],
          [
            ['row', null],
            [7n, null],
          ],
        );
        assert.equal(await streams.commit({ sentinels: [], writes: [put('a', 8n, 'x')] }), false);
        const writes = [put('a', 7n, 'entry'), put('gone', null, 'back')];
        assert.equal(await streams.commit({ sentinels: [moves(null, 's1')], writes }), true);
        assert.deepEqual((await look(streams, ['a', 'gone'])).texts, ['entry', 'back']);
      },
    );

    check('no run replaces an entry, however late', async (streams, store) => {
      await batch(store, 'v@1', 1n, { b: 'row' });
      await streams.commit({ sentinels: [moves(null, 's1')], writes: [put('a', null, 'entry')] });
      assert.deepEqual(await batch(store, 'v@1', 2n ** 53n, { a: 'late', b: 'next' }), { written: 1 });
      assert.deepEqual((await look(streams, ['a', 'b'])).texts, ['entry', 'next']);
      assert.equal(await versionOf(streams, 'b'), 2n ** 53n);
    });

    check('a row with a life becomes an entry that stays', async (streams, store) => {
      const living = { lifeMillis: 1000, row: bytes('row') };
      const rows = ['a', 'b'].map((entity) => ({ ...living, entity: bytes(entity) }));
      await store.writeRows('v@1', 1n, rows);
      const writes = [put('a', 1n, 'entry'), put('b', null, 'entry', 'w@1')];
      assert.equal(await streams.commit({ sentinels: [], writes }), true);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      assert.deepEqual((await look(streams, ['a'])).texts, ['entry']);
      assert.deepEqual((await look(streams, ['b'], 'w@1')).texts, ['entry']);
    });

    check(
      'a sweep shows entries with their versions, and leaves those that are judged to stay',
      async (streams, store) => {
        await batch(store, 'v@1', 3n, { old: 'row' });
        await streams.commit({ sentinels: [moves(null, 's1')], writes: [put('a', null, 'entry')] });
        const versions: bigint[] = [];
        const judge = ({ token }: StoredRecord): boolean => versions.push(token) > 0 && token <= 3n;
        for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false)
          cursor = (await store.sweep(() => judge, cursor, 100, false)).cursor;
        assert.deepEqual(new Set(versions), new Set([3n, await versionOf(streams, 'a')]));
        assert.deepEqual((await look(streams, ['a', 'old'])).texts, ['entry', null]);
        assert.equal((await look(streams, [])).sentinel, 's1');
      },
    );
  });
}
