// Lookups of the project of ../e2e/shop.ts, materialized until UNTIL, through the SDK; on any server that has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbApiError, PlumbClient } from '../../sdk/typescript/src/index.ts';
import { parseInstant } from '../../src/instant.ts';
import { UNTIL } from '../e2e/shop.ts';
import { FEATURES, shopRow } from './shop-world.ts';

const BEYOND_DOUBLE = 9_007_199_254_740_995n;

export function lookupSuite(name: string, url: () => string): void {
  const client = (): PlumbClient => new PlumbClient({ url: url() });
  const micros = parseInstant(UNTIL) ?? 0n;

  test(`${name}: values and statuses, all digits of int64 in keys and in values`, async () => {
    const keys = [1, '2', BEYOND_DOUBLE, BEYOND_DOUBLE - 1n, null];
    const entities = keys.map((user_id) => ({ user_id }));
    const answer = await client().lookup({ service: 'ranking', entities, at: UNTIL, statuses: true });
    assert.deepEqual(answer.features, FEATURES);
    assert.deepEqual(
      answer.rows,
      keys.map((key) => shopRow(key, micros).values),
    );
    assert.deepEqual(
      answer.statuses,
      keys.map((key) => shopRow(key, micros).statuses),
    );
    assert.deepEqual(answer.rows[0], ['US', 9_007_199_254_740_993n, 2, 3.5]);
    assert.equal(answer.rows[2]?.[0], 'JP');
    assert.equal(answer.at, UNTIL);
    assert.equal(answer.service, 'ranking');
    assert.equal(answer.version, 1);
  });

  test(`${name}: objects by feature, of named features, with a Date`, async () => {
    interface Profile {
      readonly profile__country: string | null;
      readonly profile__points: number | bigint | null;
    }
    const features = ['profile:country', 'profile:points'];
    const entities = [{ user_id: 2 }, { user_id: 2 }, { user_id: 77 }];
    const answer = await client().lookup<Profile>({ features, entities, at: new Date(UNTIL) });
    const known: Profile = { profile__country: 'DE', profile__points: 7 };
    assert.deepEqual(answer.objects(), [known, known, { profile__country: null, profile__points: null }]);
    assert.equal(answer.service, null);
    assert.equal(answer.statuses, undefined);
  });

  test(`${name}: int64 as text, where that is asked for`, async () => {
    const request = { features: ['profile:points'], entities: [{ user_id: 1 }], at: UNTIL, int64: 'string' } as const;
    assert.deepEqual((await client().lookup(request)).rows, [['9007199254740993']]);
  });

  test(`${name}: no entities, no rows`, async () => {
    assert.deepEqual((await client().lookup({ service: 'ranking', entities: [] })).rows, []);
  });

  test(`${name}: columns hold what the rows hold`, async () => {
    const entities = [1, '2', BEYOND_DOUBLE, null].map((user_id) => ({ user_id }));
    const request = { service: 'ranking', entities, at: UNTIL, statuses: true };
    const answer = await client().lookup(request);
    const columns = await client().lookupColumns(request);
    assert.deepEqual(columns.features, answer.features);
    assert.equal(columns.numRows, 4);
    answer.features.forEach((feature, column) => {
      assert.deepEqual(
        columns.values(feature),
        answer.rows.map((row) => row[column]),
      );
      assert.deepEqual(
        columns.statuses(feature),
        answer.statuses?.map((row) => row[column]),
      );
    });
    assert.deepEqual(columns.numbers('spending__spend_1d')[0], 3.5);
    assert.equal(columns.eventTimes('spending__spend_1d'), undefined);
    await assert.rejects(client().lookupColumns({ service: 'rankin', entities: [] }), { code: 'UNKNOWN_NAME' });
  });

  test(`${name}: an error has the server's code`, async () => {
    const error = await client()
      .lookup({ service: 'rankin', entities: [] })
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PlumbApiError);
    assert.equal(error.code, 'UNKNOWN_NAME');
    assert.equal(error.status, 404);
    assert.equal(error.retryable, false);
    assert.match(error.message, /rankin/);
    await assert.rejects(client().lookup({ service: 'ranking', entities: [{}] }), {
      code: 'INVALID_REQUEST',
      status: 400,
    });
  });

  test(`${name}: is ready`, async () => {
    assert.deepEqual(await client().ready(), { ready: true });
  });
}
