import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  builtFor,
  type DefinitionsInput,
  defineEntity,
  defineFeatureService,
  defineFeatureView,
  defineSource,
  definitionFileSchema,
} from './index.ts';

const user = defineEntity({ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }], tags: { team: 'growth' } });
const clicks = defineSource({
  name: 'clicks',
  kind: 'batch',
  path: 'data/clicks/*.parquet',
  format: 'parquet',
  timestampColumn: 'ts',
  columns: { user_id: 'int64', ts: 'timestamp', vec: 'vector<float32,8>', tags: 'list<string>' },
});
const view = defineFeatureView({
  name: 'user_clicks',
  kind: 'aggregate',
  entities: [user.name],
  source: clicks.name,
  refresh: { every: '1h', delay: '5m' },
  features: [{ name: 'n', aggregate: 'count', window: '7d', default: 0 }],
});
const churned = defineFeatureView({
  ...{ name: 'churned', kind: 'label', entities: [user.name], source: clicks.name },
  features: [{ name: 'n', aggregate: 'count', window: '7d' }],
});
const service = defineFeatureService({
  name: 'ranking',
  features: [`${view.name}:n`, { view: view.name, features: '*', prefix: 'x_' }],
});

test('builders answer their argument, marked with its list', () => {
  const built = [user, clicks, view, service];
  assert.deepEqual(built.map(builtFor), ['entities', 'sources', 'featureViews', 'featureServices']);
  assert.deepEqual(Object.keys(user), ['name', 'joinKeys', 'tags']);
  assert.equal(builtFor({ ...user }), null);
});

test('what the builders take, the contract takes', () => {
  const definitions: DefinitionsInput = {
    entities: [user],
    sources: [clicks],
    featureViews: [view, churned],
    featureServices: [service],
  };
  assert.deepEqual(definitionFileSchema.parse(definitions), definitions);
});

test('builders keep literal types and refuse what is wrong while it is written', () => {
  const name: 'user' = user.name;
  const type: 'int64' = user.joinKeys[0].type;
  assert.deepEqual([name, type], ['user', 'int64']);
  // @ts-expect-error in64 is no type
  defineEntity({ name: 'a', joinKeys: [{ name: 'k', type: 'in64' }] });
  const features = [{ name: 'f', type: 'list<in64>' }] as const;
  // @ts-expect-error list<in64> is no type
  defineFeatureView({ name: 'v', kind: 'row', entities: ['a'], source: 's', features });
  // @ts-expect-error an aggregate view has no ttl
  defineFeatureView({ name: 'v', kind: 'aggregate', entities: ['a'], source: 's', features: [], ttl: '1d' });
  // @ts-expect-error a label view has no refresh
  defineFeatureView({ name: 'v', kind: 'label', entities: ['a'], source: 's', features: [], refresh: { every: '1h' } });
  // @ts-expect-error a label is never online
  defineFeatureView({ name: 'v', kind: 'label', entities: ['a'], source: 's', features: [], online: true });
});
