// Whether an entry is right: verify compares runs with training sets, get --explain the entry that serves with the rows.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VerifyResult } from '../../../schemas/wire-types.ts';
import type { Explanation } from '../../../src/audit/explain/explanation.ts';
import { encoderFor } from '../../../src/online/entity-key.ts';
import type { Entry } from '../../../src/online/entry/entry.ts';
import { compileEntryCodec } from '../../../src/online/entry/entry-codec.ts';
import { type EntryDefinition, entryLayout } from '../../../src/online/entry/entry-layout.ts';
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import { fieldName } from '../../../src/online/serving-state.ts';
import { decodeServingState } from '../../../src/online/serving-state-codec.ts';
import { AT_NOON, CONTINUOUS_SHOP, FIRST, must, NOON, served } from '../../e2e/continuous-shop.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';

const shop = await tempProject(CONTINUOUS_SHOP);
await must(shop, 'apply');
await must(shop, 'materialize', '--until', FIRST);

test('verify finds no difference', async () => {
  const result = (await must(shop, 'verify', '--samples', '200')) as unknown as VerifyResult;
  assert.deepEqual([result.differences, result.equal], [0, result.compared]);
  assert.ok(
    result.features.every(({ compared }) => compared > 20) && result.features.length === 6,
    JSON.stringify(result),
  );
});

async function explained(user: number, at: string): Promise<readonly Explanation[]> {
  const document = await must(
    shop,
    'get',
    '--service',
    'ranking',
    '--entity',
    `{"user_id":${user}}`,
    '--at',
    at,
    '--explain',
  );
  return document.explain as readonly Explanation[];
}

test('get --explain finds an entry that was harmed, of rows and of tiles, and a full run mends it', async () => {
  for (const at of [FIRST, NOON])
    for (const user of [1, 2, 3, 77]) assert.deepEqual(different(await explained(user, at)), []);

  // The row of 13:00 is lost: 300 cents of kind c.
  await harm(shop, 1n, (entry) => {
    entry.rows = entry.rows.filter((row) => !row.cells.includes(300n));
  });
  const lost = await explained(1, NOON);
  assert.deepEqual(different(lost), [
    'clicks_1d 1 not 2',
    'cents_1d 200 not 500',
    'prices [2] not [3,2]',
    'cents_by {"b":200} not {"c":300,"b":200}',
  ]);
  assert.match(lost[0]?.notes.join() ?? '', /the files are those that the run read, so nothing here explains it/);

  // Tiles of the folded key: those of the first slot, which counts, are gone.
  await harm(shop, 3n, (entry) => {
    entry.slots[0] = new Map();
  });
  assert.deepEqual(different(await explained(3, NOON)).slice(0, 1), ['clicks_1d 0 not 97']);

  await must(shop, 'materialize', '--until', FIRST, '--full');
  assert.deepEqual(await served(shop, NOON), AT_NOON);
});

const different = (all: readonly Explanation[]): readonly string[] =>
  all
    .filter(({ equal }) => !equal)
    .map(
      ({ feature, value, recomputed }) => `${feature} ${JSON.stringify(value)} not ${JSON.stringify(recomputed.value)}`,
    );

/** Changes the entry that lookups of a user read. */
async function harm({ folder }: TempProject, user: bigint, change: (entry: Entry) => void): Promise<void> {
  await using store = await LmdbOnlineStore.open(join(folder, '.plumb/online'), 'shop', { mayCreate: false });
  const { states } = await store.read([], ['recent']);
  const { live, token } = decodeServingState(states[0] as Uint8Array);
  assert.ok(live?.entry);
  const codec = compileEntryCodec(entryLayout(live.entry as EntryDefinition), 2 ** 20);
  const entity = encoderFor(live.entities, live.joinKeys).encode([user]);
  const field = fieldName('recent', live.id);
  const { rows } = await store.read([{ entities: [entity], fields: [field] }], []);
  const entry = codec.decode(rows[0]?.[0]?.[0] as Uint8Array);
  change(entry);
  await store.writeRows(field, token, [{ entity, row: codec.encode(entry).bytes }]);
}
