// One test per rule of serving (docs: semantics of serving and statuses), on hand-made rows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode } from '../../schemas/errors.ts';
import { PlumbError } from '../../schemas/errors.ts';
import type { Status, Value } from '../../schemas/types.ts';
import {
  aggregateView,
  at,
  catalogOf,
  FakeWorld,
  parseAnswer,
  rowView,
  serviceFeature,
} from '../../test/support/fake-world.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';
import { encodeServingState } from './serving-state-codec.ts';

const USER = { user_id: 'int64' } as const;
const NOON = '2026-01-08T12:00:00Z';
const DAY_MICROS = 86_400_000_000n;

const profile = rowView('profile', USER, [
  { name: 'country', type: 'string', default: '??' },
  { name: 'age', type: 'int32' },
]);
const clicks = aggregateView('clicks', USER, [
  { name: 'count', type: 'int64', emptyValue: 0n },
  { name: 'spend', type: 'float64', default: -1 },
  { name: 'items', type: 'list<string>', emptyValue: [] },
]);

type Cell = readonly [Value, Status];
const cells = (rows: readonly (readonly Value[])[], statuses: readonly (readonly Status[])[] = []): Cell[][] =>
  rows.map((row, i) => row.map((value, j): Cell => [value, statuses[i]?.[j] as Status]));

async function ask(
  world: FakeWorld,
  features: readonly string[],
  entities: readonly object[],
  instant = NOON,
): Promise<Cell[][]> {
  const asked = entities as Record<string, unknown>[];
  const answer = parseAnswer(await world.lookup.lookup({ features }, asked, at(instant), { statuses: true }));
  return cells(answer.rows, answer.statuses);
}

const fails =
  (code: ErrorCode, message: RegExp, details: object = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof PlumbError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.deepEqual({ ...error.details, ...details }, error.details);
    return true;
  };

const worldOf = (...views: readonly FeatureView[]): FakeWorld =>
  new FakeWorld(catalogOf(views), new MemoryOnlineStore());

describe('a row view', () => {
  const row = { keys: [1n], values: ['US', 30], event: '2026-01-08T10:00:00Z' };

  test('PRESENT, NULL_VALUE (with a default or null), NOT_FOUND (default)', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [row, { ...row, keys: [2n], values: [null, null] }]);
    assert.deepEqual(await ask(world, ['profile:*'], [{ user_id: 1 }, { user_id: 2 }, { user_id: 3 }]), [
      [
        ['US', 'PRESENT'],
        [30, 'PRESENT'],
      ],
      [
        ['??', 'NULL_VALUE'],
        [null, 'NULL_VALUE'],
      ],
      [
        ['??', 'NOT_FOUND'],
        [null, 'NOT_FOUND'],
      ],
    ]);
  });

  test('INVALID is null, default or not', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [{ ...row, values: [null, 30], invalid: [true, false] }]);
    assert.deepEqual(await ask(world, ['profile:*'], [{ user_id: 1 }]), [
      [
        [null, 'INVALID'],
        [30, 'PRESENT'],
      ],
    ]);
  });

  test('an event at A counts, one behind A is TOO_EARLY and has no default; a key without rows had none before', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [row]);
    const early: Cell[] = [
      [null, 'TOO_EARLY'],
      [null, 'TOO_EARLY'],
    ];
    const nothing: Cell[] = [
      ['??', 'NOT_FOUND'],
      [null, 'NOT_FOUND'],
    ];
    assert.deepEqual(await ask(world, ['profile:*'], [{ user_id: 1 }, { user_id: 2 }], '2026-01-08T09:59:59.999999Z'), [
      early,
      nothing,
    ]);
    assert.equal((await ask(world, ['profile:age'], [{ user_id: 1 }], '2026-01-08T10:00:00Z'))[0]?.[0]?.[1], 'PRESENT');
  });

  test('a row that deletes its key: NOT_FOUND from its event on, without an event time, and TOO_EARLY before', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [{ ...row, isDeleted: true }], { ttlMicros: 1n });
    const found = parseAnswer(
      await world.lookup.lookup({ features: ['profile:*'] }, [{ user_id: 1 }], at(NOON), {
        ...{ statuses: true, eventTimes: true },
      }),
    );
    assert.deepEqual(
      [found.rows, found.statuses, found.eventTimes],
      [[['??', null]], [['NOT_FOUND', 'NOT_FOUND']], [[null, null]]],
    );
    assert.deepEqual(await ask(world, ['profile:country'], [{ user_id: 1 }], '2026-01-08T09:59:59Z'), [
      [[null, 'TOO_EARLY']],
    ]);
  });

  test('strictlyBefore: an event at A does not count', async () => {
    const view = rowView('strict', USER, [{ name: 'x', type: 'bool' }], { strictlyBefore: true });
    const world = worldOf(view);
    await world.materialize(view, NOON, [{ ...row, values: [true] }]);
    assert.deepEqual(await ask(world, ['strict:x'], [{ user_id: 1 }], '2026-01-08T10:00:00Z'), [[[null, 'TOO_EARLY']]]);
    assert.deepEqual(await ask(world, ['strict:x'], [{ user_id: 1 }], '2026-01-08T10:00:00.000001Z'), [
      [[true, 'PRESENT']],
    ]);
  });

  test('visibleFrom created_time: created after A is TOO_EARLY', async () => {
    const view = rowView('late', USER, [{ name: 'x', type: 'bool' }], { visibleFrom: 'created_time' });
    const world = worldOf(view);
    await world.materialize(view, NOON, [{ ...row, created: '2026-01-08T11:00:00Z', values: [true] }]);
    assert.deepEqual(await ask(world, ['late:x'], [{ user_id: 1 }], '2026-01-08T10:59:59Z'), [[[null, 'TOO_EARLY']]]);
    assert.deepEqual(await ask(world, ['late:x'], [{ user_id: 1 }], '2026-01-08T11:00:00Z'), [[[true, 'PRESENT']]]);
  });

  test('ttl: an age of exactly ttl counts, one more is OUTSIDE_MAX_AGE with the default; INVALID comes after it', async () => {
    const view = rowView('fresh', USER, [{ name: 'x', type: 'int32', default: 0 }], { ttlMicros: DAY_MICROS });
    const world = worldOf(view);
    await world.materialize(view, NOON, [
      { ...row, values: [5] },
      { ...row, keys: [2n], values: [null], invalid: [true] },
    ]);
    assert.deepEqual(await ask(world, ['fresh:x'], [{ user_id: 1 }], '2026-01-09T10:00:00Z'), [[[5, 'PRESENT']]]);
    const old: Cell[] = [[0, 'OUTSIDE_MAX_AGE']];
    assert.deepEqual(await ask(world, ['fresh:x'], [{ user_id: 1 }, { user_id: 2 }], '2026-01-09T10:00:00.000001Z'), [
      old,
      old,
    ]);
  });

  test('scheduled: e(A) before the last run is TOO_EARLY for every key; ages count against A; time may go on', async () => {
    const refresh = { everyMicros: DAY_MICROS, delayMicros: DAY_MICROS / 12n };
    const view = rowView('daily', USER, [{ name: 'x', type: 'int32', default: 0 }], { refresh, ttlMicros: DAY_MICROS });
    const world = worldOf(view);
    await world.materialize(view, NOON, [{ keys: [1n], values: [5], event: '2026-01-07T23:59:59Z' }]);
    const keys = [{ user_id: 1 }, { user_id: 9 }];
    const early: Cell[] = [[null, 'TOO_EARLY']];
    assert.deepEqual(await ask(world, ['daily:x'], keys, '2026-01-08T01:59:59.999999Z'), [early, early]);
    assert.deepEqual(await ask(world, ['daily:x'], keys, '2026-01-08T02:00:00Z'), [
      [[5, 'PRESENT']],
      [[0, 'NOT_FOUND']],
    ]);
    assert.deepEqual(await ask(world, ['daily:x'], keys, '2026-01-09T03:00:00Z'), [
      [[0, 'OUTSIDE_MAX_AGE']],
      [[0, 'NOT_FOUND']],
    ]);
  });
});

describe('a scheduled aggregate view', () => {
  const row = { keys: [1n], values: [3n, null, ['a', 'b']] };

  test('PRESENT, NULL_VALUE with default; an absent key has the empty aggregate and NOT_FOUND', async () => {
    const world = worldOf(clicks);
    await world.materialize(clicks, NOON, [row]);
    assert.deepEqual(await ask(world, ['clicks:*'], [{ user_id: 1 }, { user_id: 2 }]), [
      [
        [3, 'PRESENT'],
        [-1, 'NULL_VALUE'],
        [['a', 'b'], 'PRESENT'],
      ],
      [
        [0, 'NOT_FOUND'],
        [-1, 'NOT_FOUND'],
        [[], 'NOT_FOUND'],
      ],
    ]);
  });

  test('stays at its boundary as time goes on, and is TOO_EARLY before it', async () => {
    const world = worldOf(clicks);
    await world.materialize(clicks, NOON, [row]);
    assert.equal(
      (await ask(world, ['clicks:count'], [{ user_id: 1 }], '2027-01-01T00:00:00Z'))[0]?.[0]?.[1],
      'PRESENT',
    );
    assert.equal(
      (await ask(world, ['clicks:count'], [{ user_id: 1 }], '2026-01-08T11:05:00Z'))[0]?.[0]?.[1],
      'PRESENT',
    );
    const early: Cell[] = [
      [null, 'TOO_EARLY'],
      [null, 'TOO_EARLY'],
    ];
    assert.deepEqual(
      await ask(world, ['clicks:count', 'clicks:spend'], [{ user_id: 1 }, { user_id: 2 }], '2026-01-08T11:04:59Z'),
      [early, early],
    );
  });

  test('a run that has begun to write makes earlier instants TOO_EARLY, before it has finished', async () => {
    const world = worldOf(clicks);
    await world.materialize(clicks, NOON, [row], { reachedMicros: at('2026-01-08T14:00:00Z') });
    assert.equal(
      (await ask(world, ['clicks:count'], [{ user_id: 1 }], '2026-01-08T12:30:00Z'))[0]?.[0]?.[1],
      'TOO_EARLY',
    );
    const { asOf } = parseAnswer(
      await world.lookup.lookup({ features: ['clicks:count'] }, [], at(NOON), { asOf: true }),
    );
    assert.deepEqual(asOf, { clicks: NOON });
  });
});

describe('join keys of a request', () => {
  const view = rowView('pair', { name: 'string', n: 'int32', ok: 'bool', id: 'int64' }, [
    { name: 'x', type: 'int32', default: 7 },
  ]);
  const entity = { name: 'é', n: -5, ok: true, id: 9_007_199_254_740_993n };
  const world = worldOf(view);
  const ready = world.materialize(view, NOON, [{ keys: Object.values(entity), values: [1], event: NOON }]);
  const one = async (changes: object): Promise<Cell | undefined> => {
    await ready;
    return (await ask(world, ['pair:x'], [{ ...entity, ...changes }]))[0]?.[0];
  };

  test('convert without loss: integers from numbers, bigints and digits', async () => {
    for (const changes of [{}, { id: '9007199254740993' }, { n: '-5' }, { n: -5n }, { extra: [1] }]) {
      assert.deepEqual(
        await one(changes),
        [1, 'PRESENT'],
        JSON.stringify(changes, (_key, value) => String(value)),
      );
    }
    assert.deepEqual(await one({ id: 9_007_199_254_740_992n }), [7, 'NOT_FOUND']);
  });

  test('a null one is NOT_FOUND', async () => {
    assert.deepEqual(await one({ n: null }), [7, 'NOT_FOUND']);
    assert.deepEqual(await one({ n: null, id: null }), [7, 'NOT_FOUND']);
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['id', 1.5],
    ['id', 2 ** 53],
    ['id', 2n ** 63n],
    ['id', '9223372036854775808'],
    ['id', '1e3'],
    ['id', ' 1'],
    ['id', ''],
    ['id', true],
    ['id', {}],
    ['n', 2_147_483_648],
    ['n', '-2147483649'],
    ['ok', 'true'],
    ['ok', 1],
    ['name', 5],
    ['name', '\ud800'],
    ['name', ['a']],
    ['name', undefined],
  ];
  for (const [key, value] of wrong) {
    test(`${key}: ${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)} is refused with its place`, async () => {
      await assert.rejects(
        one({ [key]: value }),
        fails('INVALID_REQUEST', /^\$\.entities\[0\]\./, { path: `$.entities[0].${key}` }),
      );
    });
  }

  test('a missing one is refused, also where every object has a property of that name', async () => {
    await ready;
    const { id: _id, ...rest } = entity;
    await assert.rejects(
      ask(world, ['pair:x'], [entity, rest]),
      fails('INVALID_REQUEST', /entities\[1\]\.id: found nothing, expected an int64/),
    );
    await assert.rejects(
      ask(world, ['pair:x'], [{ ...rest, idd: 1 }]),
      fails('INVALID_REQUEST', /found nothing, expected an int64, .*; is "idd" a misspelt "id"\?$/),
    );
    await assert.rejects(
      ask(world, ['pair:x'], [{ identifier: 1 }]),
      fails('INVALID_REQUEST', /found nothing, .*; is "identifier" a misspelt "\w+"\?$/),
    );
    const odd = rowView('odd', { constructor: 'string' } as const, [{ name: 'x', type: 'int32' }]);
    const oddWorld = worldOf(odd);
    await oddWorld.materialize(odd, NOON, []);
    await assert.rejects(ask(oddWorld, ['odd:x'], [{}]), fails('INVALID_REQUEST', /found nothing/));
  });
});

describe('requests', () => {
  const airport = rowView('airport', { airport: 'string' }, [{ name: 'delay', type: 'float64' }]);
  const services = {
    flights: [
      serviceFeature('airport', 'delay', ['origin'], 'from'),
      serviceFeature('clicks', 'count', ['user_id']),
      serviceFeature('airport', 'delay', ['destination'], 'to'),
      serviceFeature('profile', 'age', ['user_id']),
    ],
  };

  async function flights(): Promise<FakeWorld> {
    const world = new FakeWorld(catalogOf([airport, clicks, profile], services), new MemoryOnlineStore());
    await world.materialize(airport, NOON, [
      { keys: ['JFK'], values: [1.5], event: '2026-01-01T00:00:00Z' },
      { keys: ['SFO'], values: [2.5], event: '2026-01-02T00:00:00Z' },
    ]);
    await world.materialize(clicks, NOON, [{ keys: [1n], values: [3n, 1, []] }]);
    await world.materialize(profile, '2026-01-08T11:00:00Z', [
      { keys: [1n], values: ['US', 30], event: '2026-01-03T00:00:00Z' },
    ]);
    return world;
  }

  test('a service reads one view in two roles; duplicates are answered each; all that was asked for is there', async () => {
    const world = await flights();
    const entities = [
      { origin: 'JFK', destination: 'SFO', user_id: 1 },
      { origin: 'SFO', destination: 'XXX', user_id: 2 },
      { origin: 'JFK', destination: 'SFO', user_id: 1 },
    ];
    const options = { statuses: true, eventTimes: true, asOf: true };
    const answer = await world.lookup.lookup({ service: 'flights' }, entities, at(NOON), options);
    const [jan1, jan2, jan3] = ['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => `${day}T00:00:00Z`);
    const full = [1.5, 3, 2.5, 30];
    const expected = {
      service: 'flights',
      version: 3,
      features: ['from', 'clicks__count', 'to', 'profile__age'],
      rows: [full, [2.5, 0, null, null], full],
      statuses: [
        ['PRESENT', 'PRESENT', 'PRESENT', 'PRESENT'],
        ['PRESENT', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
        ['PRESENT', 'PRESENT', 'PRESENT', 'PRESENT'],
      ],
      eventTimes: [
        [jan1, null, jan2, jan3],
        [jan2, null, null, null],
        [jan1, null, jan2, jan3],
      ],
      asOf: { airport: NOON, clicks: NOON, profile: '2026-01-08T11:00:00Z' },
      at: NOON,
    };
    // The order of the members, too.
    assert.equal(Buffer.from(answer).toString(), JSON.stringify(expected));
  });

  test('what was not asked for is not there, and no entities are no rows', async () => {
    const world = await flights();
    const answer = parseAnswer(await world.lookup.lookup({ service: 'flights' }, [], at(NOON)));
    assert.deepEqual(Object.keys(answer), ['service', 'version', 'features', 'rows', 'at']);
    assert.deepEqual(answer.rows, []);
  });

  test('the store is asked once, for each key once and for all views with that key together', async () => {
    const world = await flights();
    const entity = { origin: 'JFK', destination: 'JFK', user_id: 1 };
    await world.lookup.lookup({ service: 'flights' }, [entity], at(NOON));
    const asked: (readonly [number, readonly string[]])[][] = [];
    const { read } = world.store;
    world.store.read = (selections, views) => {
      asked.push(
        selections.map(({ entities, fields }) => [
          entities.length,
          fields.map((field) => field.split('@')[0] as string),
        ]),
      );
      return read.call(world.store, selections, views);
    };
    await world.lookup.lookup({ service: 'flights' }, [entity, entity], at(NOON));
    assert.deepEqual(asked, [
      [
        [1, ['airport']],
        [1, ['clicks', 'profile']],
      ],
    ]);
  });

  test('unknown names are answered with the nearest', async () => {
    const world = await flights();
    await assert.rejects(
      world.lookup.lookup({ service: 'flihgts' }, [], 0n),
      fails('UNKNOWN_NAME', /service "flihgts", expected flights; did you mean "flights"/),
    );
    await assert.rejects(ask(world, ['clikcs:count'], []), fails('UNKNOWN_NAME', /did you mean "clicks"/));
    await assert.rejects(ask(world, ['clicks:cuont'], []), fails('UNKNOWN_NAME', /did you mean "count"/));
    await assert.rejects(ask(world, ['clicks:qqqqqqqq'], []), fails('UNKNOWN_NAME', /expected count, spend or items/));
    // Known by then under the text of its list.
    await ask(world, ['clicks:count'], []);
    await assert.rejects(
      world.lookup.lookup({ service: '["clicks:count"]' }, [], at(NOON)),
      fails('UNKNOWN_NAME', /expected flights/),
    );
  });

  test('a feature that is no view:feature is refused', async () => {
    const world = await flights();
    for (const reference of ['clicks', 'clicks:', 'a:b:c']) {
      await assert.rejects(
        ask(world, ['clicks:count', reference], []),
        fails('INVALID_REQUEST', /expected "view:feature"/, { path: '$.features[1]' }),
      );
    }
  });
});

test('regression: a short request that names columns without end is refused before it is resolved', async () => {
  const world = worldOf(profile);
  const stars = (count: number) => new Array<string>(count).fill('profile:*');
  await assert.rejects(
    ask(world, stars(20_000), []),
    fails('TOO_LARGE', /over 10000 columns/, {
      path: `$.features[${10_000 / profile.features.length}]`,
      limit: 'features',
      maxColumns: 10_000,
    }),
  );
});

describe('generations', () => {
  const materialized = { keys: [1n], values: ['US', 30], event: '2026-01-08T10:00:00Z' };
  const away = (message: RegExp) => fails('NOT_MATERIALIZED', message, { view: 'profile', views: ['profile'] });

  test('a view without a live generation: what to do', async () => {
    const world = worldOf(profile);
    const never = away(
      /profile was never materialized, or the online store was emptied: run `plumb materialize profile`/,
    );
    await assert.rejects(ask(world, ['profile:age'], []), never);
    await world.store.writeState('profile', null, encodeServingState({ live: null, token: 1n, rebuildCount: 0 }));
    await assert.rejects(ask(world, ['profile:age'], []), never);
  });

  test('all views that have no live generation are named, and those of other keys', async () => {
    const [second, third, moved] = ['second', 'third', 'moved'].map((name) =>
      rowView(name, USER, [{ name: 'age', type: 'int32' }]),
    ) as [FeatureView, FeatureView, FeatureView];
    const world = worldOf(profile, second, third, moved);
    await world.materialize(profile, NOON, [materialized]);
    await world.materialize(rowView('moved', { order_id: 'int64' }, [{ name: 'age', type: 'int32' }]), NOON, []);
    const features = ['moved:age', 'third:age', 'profile:age', 'second:age'];
    await assert.rejects(
      ask(world, features, []),
      fails(
        'NOT_MATERIALIZED',
        /^Views third, second were never materialized, or the online store was emptied; View moved was materialized last with other entities or join keys: run `plumb materialize third second moved`$/,
        { view: 'third', views: ['third', 'second', 'moved'] },
      ),
    );
  });

  test('a feature that the live generation lacks, or has with another type, is NOT_MATERIALIZED; the others go on being served', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [materialized]);
    const changed = rowView('profile', USER, [
      { name: 'country', type: 'string' },
      { name: 'age', type: 'int64' },
      { name: 'new', type: 'bool', default: true },
      { name: 'newer', type: 'int64', default: 7n },
    ]);
    world.catalog = { ...catalogOf([changed]), version: 4 };
    const entities = [{ user_id: 1 }, { user_id: 2 }, { user_id: null }];
    const missing = [null, 'NOT_MATERIALIZED'];
    assert.deepEqual(await ask(world, ['profile:*'], entities), [
      [['US', 'PRESENT'], missing, missing, missing],
      [['??', 'NOT_FOUND'], missing, missing, missing],
      [['??', 'NOT_FOUND'], missing, missing, missing],
    ]);
    assert.deepEqual(await ask(world, ['profile:new', 'profile:country', 'profile:age'], [{ user_id: 1 }]), [
      [missing, ['US', 'PRESENT'], missing],
    ]);
    // It comes before TOO_EARLY; and no row's event stands behind it.
    const early = '2026-01-08T09:00:00Z';
    assert.deepEqual(await ask(world, ['profile:*'], [{ user_id: 1 }], early), [
      [[null, 'TOO_EARLY'], missing, missing, missing],
    ]);
    const options = { eventTimes: true, int64: 'string' } as const;
    const request = { features: ['profile:country', 'profile:newer'] };
    const answer = parseAnswer(await world.lookup.lookup(request, [{ user_id: 1 }], at(NOON), options));
    assert.deepEqual(answer.rows, [['US', null]]);
    assert.deepEqual(answer.eventTimes, [['2026-01-08T10:00:00Z', null]]);
  });

  test('a service over view:* after a feature was added: the former generation answers, then the next one all', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [materialized]);
    const added = rowView('profile', USER, [...profile.features, { name: 'new', type: 'bool', default: true }], {
      fingerprint: 'added',
    });
    const features = added.features.map(({ name }) => serviceFeature('profile', name, ['user_id']));
    world.catalog = catalogOf([added], { s: features });
    const asked = async () => {
      const bytes = await world.lookup.lookup({ service: 's' }, [{ user_id: 1 }], at(NOON), { statuses: true });
      const { rows, statuses } = parseAnswer(bytes);
      return [rows[0]?.at(-1), statuses?.[0]?.at(-1), rows[0]?.[0]];
    };
    assert.deepEqual(await asked(), [null, 'NOT_MATERIALIZED', 'US']);
    await world.materialize(added, NOON, [{ ...materialized, values: [...materialized.values, false] }]);
    assert.deepEqual(await asked(), [false, 'PRESENT', 'US']);
  });

  test('other join keys', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [materialized]);
    world.catalog = catalogOf([rowView('profile', { user_id: 'string' }, [{ name: 'age', type: 'int32' }])]);
    await assert.rejects(ask(world, ['profile:age'], [{ user_id: '1' }]), away(/other entities or join keys/));
  });

  test('a changed view serves its former generation, by the former rules, until the next one is live', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [materialized]);
    const changed = rowView('profile', USER, [{ name: 'age', type: 'int32', default: 99 }], {
      ttlMicros: 1n,
      fingerprint: 'changed',
    });
    world.catalog = catalogOf([changed]);
    assert.deepEqual(await ask(world, ['profile:age'], [{ user_id: 1 }, { user_id: 2 }]), [
      [[30, 'PRESENT']],
      [[null, 'NOT_FOUND']],
    ]);
    await world.materialize(changed, NOON, [{ ...materialized, values: [31] }]);
    assert.deepEqual(await ask(world, ['profile:age'], [{ user_id: 1 }, { user_id: 2 }]), [
      [[99, 'OUTSIDE_MAX_AGE']],
      [[99, 'NOT_FOUND']],
    ]);
  });

  test('beside asOf an answer names the views that are served by their former definition, until their next run', async () => {
    const world = worldOf(profile, clicks);
    await world.materialize(profile, NOON, [materialized]);
    await world.materialize(clicks, NOON, []);
    const changedViews = async (asOf = true) =>
      parseAnswer(await world.lookup.lookup({ features: ['profile:age', 'clicks:count'] }, [], at(NOON), { asOf }))
        .changed;
    assert.equal(await changedViews(), undefined);
    const changed = { ...profile, fingerprint: 'changed' };
    world.catalog = catalogOf([changed, clicks]);
    assert.deepEqual(await changedViews(), ['profile']);
    assert.equal(await changedViews(false), undefined);
    await world.materialize(changed, NOON, [materialized]);
    assert.equal(await changedViews(), undefined);
  });

  test('a generation that goes live, and drops the former one, in the middle of a lookup: all is read again', async () => {
    const world = worldOf(profile);
    await world.materialize(profile, NOON, [materialized]);
    assert.deepEqual(await ask(world, ['profile:age'], [{ user_id: 1 }]), [[[30, 'PRESENT']]]);
    const { read } = world.store;
    world.store.read = async (selections, views) => {
      world.store.read = read;
      await world.materialize(profile, NOON, [{ ...materialized, values: ['US', 31] }], { id: 'next-2' });
      await world.store.dropField(selections[0]?.fields[0] as string);
      return read.call(world.store, selections, views);
    };
    assert.deepEqual(await ask(world, ['profile:age'], [{ user_id: 1 }]), [[[31, 'PRESENT']]]);
  });

  test('rows of a run that began after the lookup did are judged by its reach', async () => {
    const world = worldOf(clicks);
    await world.materialize(clicks, NOON, [{ keys: [1n], values: [3n, 1, []] }]);
    assert.deepEqual(await ask(world, ['clicks:count'], [{ user_id: 1 }], NOON), [[[3, 'PRESENT']]]);
    const { read } = world.store;
    world.store.read = async (selections, views) => {
      world.store.read = read;
      await world.materialize(clicks, '2026-01-08T14:00:00Z', [{ keys: [1n], values: [9n, 1, []] }]);
      return read.call(world.store, selections, views);
    };
    assert.deepEqual(await ask(world, ['clicks:count'], [{ user_id: 1 }], NOON), [[[null, 'TOO_EARLY']]]);
  });
});
