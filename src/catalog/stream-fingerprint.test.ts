import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import { resolveDefinitions } from '../definitions/resolve.ts';

type Edit = Readonly<Record<string, unknown>>;

const COLUMNS = { id: 'string', k: 'int64', ts: 'timestamp', a: 'float64', b: 'int64' };
const HISTORY = { path: 'old.csv', format: 'csv', until: '2026-03-01' };

async function fingerprint(source: Edit = {}, columns: Edit = COLUMNS): Promise<string> {
  const definitions = {
    entities: [{ name: 'e', joinKeys: [{ name: 'k', type: 'int64' }] }],
    sources: [{ name: 's', kind: 'stream', timestampColumn: 'ts', columns, history: HISTORY, ...source }],
    featureViews: [
      {
        ...{ name: 'v', kind: 'aggregate', entities: ['e'], source: 's' },
        features: [{ name: 'n', aggregate: 'sum', column: 'a', window: '1d' }],
      },
    ],
  } as unknown as DefinitionsInput;
  const files = { 'old.csv': null, 'other.csv': null };
  const ports = { project: 'p', inspector: fakeInspector(files), compiler: fakeCompiler };
  const { views } = await resolveDefinitions(definitions, ports);
  return views.get('v')?.fingerprint ?? assert.fail();
}

const history = (edit: Edit): Edit => ({ history: { ...HISTORY, ...edit } });

const SAME: Readonly<Record<string, readonly [Edit, Edit?]>> = {
  'what is rejected, and how long it is kept': [{ maxFuture: '1h', deadLetters: '7d' }],
  'the id': [{ eventIdColumn: 'id' }],
  'the end of the history written otherwise': [history({ until: '2026-03-01T01:00:00+01:00' })],
  'a column that came': [{}, { ...COLUMNS, c: 'bool' }],
  'a column of the history that is not read': [history({ columns: { ...COLUMNS, b: 'int32' } })],
};

const CHANGED: Readonly<Record<string, Edit>> = {
  'no history': { history: undefined },
  'the path of the history': history({ path: 'other.csv' }),
  'the end of the history': history({ until: '2026-03-01T00:00:00.000001Z' }),
  'a history of another format': history({ format: 'jsonl' }),
  'the delimiter of the history': history({ delimiter: ';' }),
  'a created time of the history': history({ createdTimestampColumn: 'ts' }),
  'a narrower column of the history': history({ columns: { ...COLUMNS, a: 'float32' } }),
  'a history without the column': history({ columns: { k: 'int64', ts: 'timestamp' } }),
};

for (const [what, edits] of Object.entries(SAME))
  test(`the same values: ${what}`, async () => assert.equal(await fingerprint(...edits), await fingerprint()));

for (const [what, edit] of Object.entries(CHANGED))
  test(`other values: ${what}`, async () => assert.notEqual(await fingerprint(edit), await fingerprint()));
