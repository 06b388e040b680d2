// Regression: where no file was left to read (all were pruned, or hold no row), a source with a list column failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { createDuckdbExpressionCompiler } from '../../src/offline/duckdb/expression-compiler.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { scanSql } from '../../src/sql/duckdb/scan.ts';

const TYPES = ['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'timestamp', 'bytes', 'list<string>'];
const COLUMNS = Object.fromEntries([...TYPES, 'list<float32>', 'vector<float32,3>'].map((type, i) => [`v${i}`, type]));

for (const format of ['parquet', 'csv', 'jsonl']) {
  for (const timestampUnit of [undefined, 'ms']) {
    test(`a ${format} source without files has no rows, ${timestampUnit ?? 'no'} unit`, async () => {
      await using session = await DuckdbSession.open({ memoryBytes: 2 ** 28, threads: 1, files: [], folders: [] });
      const source = {
        ...{ name: 'empty', kind: 'batch', path: `x.${format}`, format, timestampColumn: 'ts' },
        ...(timestampUnit === undefined ? {} : { timestampUnit }),
        columns: { ts: timestampUnit === undefined ? 'timestamp' : 'int64', ...COLUMNS },
      };
      const catalog = await resolveDefinitions({ sources: [source] } as DefinitionsInput, {
        project: 'test',
        inspector: { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] },
        compiler: createDuckdbExpressionCompiler((sql, parameters) => session.prepared(sql, parameters)),
      });
      const resolved = catalog.sources.get('empty');
      assert.ok(resolved);
      const scan = scanSql(resolved, { paths: [], physical: new Map() }, { fromMicros: 0n, toMicros: 1n });
      assert.deepEqual(await session.rows(`SELECT * FROM ${scan.from}`), []);
    });
  }
}
