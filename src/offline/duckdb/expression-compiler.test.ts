// What the allow-list keeps out, what it lets in, and what users read about a mistake.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DuckdbBench } from '../../../test/expressions/duckdb-bench.ts';
import type { DataType } from '../../../schemas/types.ts';

const COLUMNS: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['a', 'int64'],
  ['b', 'float64'],
  ['s', 'string'],
  ['t', 'timestamp'],
  ['flag', 'bool'],
  ['price', 'float64'],
  ['ids', 'list<int64>'],
  ['raw', 'bytes'],
  ['Case "x"', 'int32'],
  ['current_date', 'string'],
]);

const HOSTILE = [
  // Statements and clauses.
  '', '   ', '-- only a comment', '/* only */', ';', '1;', '1; DROP TABLE x', '1); DROP TABLE x; SELECT (1', 'DROP TABLE x',
  "x) from read_csv('/etc/passwd') --", "a) FROM read_csv('/etc/passwd') --\n", "1) FROM read_text('/etc/passwd'", 'a FROM t',
  'a WHERE 1', '1) WHERE (1=1', '1) ORDER BY (1', '1) LIMIT (1', '1) GROUP BY (1', '1) HAVING (true', '1) QUALIFY (true',
  '1), (2', '1) UNION SELECT (2', '1) EXCEPT SELECT (2', '1) USING SAMPLE (1', 'a, b', '*', 'a.*', 'COLUMNS(*)',
  "COLUMNS('a')", 'DISTINCT a', 'a AS b', 'a b', 'b: a', 'WITH x AS (SELECT 1) SELECT 1', 'VALUES (1)', 'FROM t',
  'PRAGMA database_list', "ATTACH 'x.db'", "COPY (SELECT 1) TO '/tmp/x'", "SET memory_limit='1GB'", 'INSTALL httpfs',
  "LOAD 'x'", 'CREATE MACRO m() AS 1', "EXPORT DATABASE 'x'", '1) /*', '1 /* ', "'", '"', '$$', '(', ')', 'EXPLAIN SELECT 1',
  // Subqueries, tables, windows, aggregates.
  '(SELECT 1)', '(SELECT a)', 'a IN (SELECT 1)', 'EXISTS (SELECT 1)', 'a = ANY (SELECT 1)', 'ARRAY(SELECT 1)',
  '(FROM t)', "(SELECT content FROM read_text('/etc/passwd'))", 'a = ALL ([1])', 'a = ANY ([1])',
  'sum(a)', 'count(*)', 'count(a)', 'max(a)', 'first(a)', 'list(a)', 'sum(a) OVER ()', 'row_number() OVER ()', 'lag(a) OVER (ORDER BY a)',
  'abs(a) OVER ()', 'abs(DISTINCT a)', 'abs(a ORDER BY a)', 'abs(a) FILTER (WHERE flag)', 'abs(a) WITHIN GROUP (ORDER BY a)',
  'grouping(a)', 'unnest(ids)', 'generate_series(1, 2)', 'range(5)',
  // The clock, chance, settings, the machine.
  'random()', 'now()', 'today()', 'current_timestamp', 'current_time', 'localtimestamp', 'current_setting(\'TimeZone\')',
  "getenv('HOME')", 'uuid()', 'gen_random_uuid()', 'version()', 'current_user', 'user', 'session_user', 'current_database()',
  'current_schema', 'txid_current()', "nextval('s')", 'pg_backend_pid()', "getvariable('x')", "read_text('/etc/passwd')",
  "glob('*')", "read_csv('x')", "error('x')", 'query(\'SELECT 1\')', 'query_table(\'x\')', "json_execute_serialized_sql('x')", 'hash(a)',
  'setseed(0.5)', 'get_current_time()', 'transaction_timestamp()', "write_log('x')", "parse_duckdb_log_message('a', 'b')",
  // Parameters, lambdas, structures, types.
  '?', '$1', '$a', ':a', '#1', 'x -> x + 1', 'lambda x: x', 'list_transform(ids, lambda x: x)', 'list_transform(ids, x -> x)',
  '[x FOR x IN ids]', '[1, 2]', "{'a': 1}", 'MAP {1: 2}', 'row(a, b)', '(a, b)', 'ids[1]', 'ids[1:2]', 's[1]', 't.a', 'a.b.c', 's.x',
  "s->'$.a'", "s->>'$.a'", 's::json', 's::JSON', "'[1]'::INT[]", 'a::UINTEGER', 'a::HUGEINT', 'a::TINYINT', 'a::DECIMAL(5,2)', 's::DATE',
  's::TIME', 's::INTERVAL', 's::UUID', 's::BLOB', "a::ENUM('x')", 'a::STRUCT(x INT)', 'a::my_type', 'a::main.my_type', 's::BIT', 's::TIMESTAMP_NS',
  'a::UNION(x INT)', 's::GEOMETRY', 's::VARINT', "s::VARIANT", 'TRY_CAST(s AS int64)', 'TRY(a + 1)', "INTERVAL '1 day'", "t + INTERVAL '1 day'",
  "DATE '2024-01-01'", "TIME '10:00'", "t AT TIME ZONE 'Europe/Berlin'", "'\\x00'::BLOB", "'a' COLLATE NOCASE", 's COLLATE de',
  'foo(x := 1)', 'abs(x := 1)', 'abs(a => 1)', 'a::int64::json', 'DEFAULT', 'abs(*)', 'main.random()', 'system.main.abs(a)', 'pg_catalog.abs(a)', 'a.abs()',
  // Operators that are not on the list.
  'a // 2', 'a ** 2', 'a ^ 2', 'a & 1', 'a | 1', 'a << 1', 'a >> 1', '~a', '@a', 'a!', "s LIKE 'x%'", "s ILIKE 'x'", "s SIMILAR TO 'x'", "s ~ 'x'",
  "s GLOB 'x'", 'flag IS TRUE', 'a IS DISTINCT FROM 1', 'a IS NOT DISTINCT FROM 1', 'a <=> 1', 'a && b', "position('x' in s)", "trim('x' FROM s)",
  'trim(leading FROM s)', 'overlay(s PLACING s FROM 1)', 'a IN (b)', 'a IN (1, a)', 'a IN ()', 'a IN ids', 'if(flag, 1, 2)',
  // Types that do not go together.
  's + 1', "'a' + 1", 'a AND flag', 'NOT a', 'a = s', 'flag > 1', 't = 1', 't > s', "t > 'yesterday'", 't + 1', 't - t', 'ids = ids', 'ids < ids',
  'length(a)', 'abs(s)', 'sqrt(flag)', 'least(a, s)', 'COALESCE(a, s)', 'CASE WHEN a THEN 1 END', "CASE WHEN flag THEN 1 ELSE 'x' END",
  'CAST(raw AS string)', 'CAST(s AS bytes)', 'CAST(t AS int64)', 'CAST(a AS timestamp)', 'CAST(ids AS string)', 'NULL', 'NULL = NULL', 'COALESCE(NULL, NULL)',
  'CASE WHEN flag THEN NULL END', 'concat(a)', 'contains(ids, 1)', 'lower(raw)', 'epoch(s)', "date_trunc(s, t)", "date_trunc('century', t)", "date_part('epoch', t)",
  "date_part('day', s)", 'round(b, -1)', 'round(b, 16)', 'round(b, a)', 'substr(s, 0)', 'substr(s, 1, -1)', 'abs()', 'abs(a, b)', 'pow(a)', 'substr(s)', 'nullif(a)',
  // Numbers and texts.
  '9223372036854775808', '-9223372036854775809', '170141183460469231731687303715884105728', '1e400', "'a\0b'", 'a\0', "'\ud800'", '0x1F', "s = E'\\0'",
  // Size.
  '('.repeat(5000) + '1' + ')'.repeat(4999), `${'('.repeat(4000)}a${')'.repeat(4000)}`, `${'NOT '.repeat(2000)}flag`, `a${'+a'.repeat(2000)}`, `${'-'.repeat(1)}${'- '.repeat(3000)}a`,
  `1${'::int64'.repeat(300)}`, `a${' + a'.repeat(200)}`, `${'abs('.repeat(200)}a${')'.repeat(200)}`, `${'exp('.repeat(40)}b${')'.repeat(40)}`, `'${'x'.repeat(10_000)}'`,
  `${'CASE '.repeat(30)}a${' WHEN 1 THEN 2 WHEN 3 THEN 4 END'.repeat(30)}`, `${'(SELECT '.repeat(500)}1${')'.repeat(500)}`, `${'['.repeat(3000)}${']'.repeat(3000)}`,
];

const ALLOWED: readonly (readonly [string, DataType])[] = [
  ['a', 'int64'],
  ['"a"', 'int64'],
  ['"Case ""x"""', 'int32'],
  ['(((a)))', 'int64'],
  ['a -- a comment', 'int64'],
  ['/* b */ a', 'int64'],
  ['ids', 'list<int64>'],
  ['raw', 'bytes'],
  // A column of the source, for which nobody asks the clock.
  ['"current_date"', 'string'],
  ['main.abs(a)', 'int64'],
  ['"Case ""x""" + 1', 'int64'],
  ['a + 1.0', 'float64'],
  ['a / 2', 'float64'],
  ['1.5', 'float64'],
  ['12345678901234567890.5', 'float64'],
  ['-9223372036854775808', 'int64'],
  ["'it''s'", 'string'],
  ['CAST(NULL AS float32)', 'float32'],
  ['TRUE', 'bool'],
  ["TIMESTAMP '2024-01-01T00:00:00+01:00'", 'timestamp'],
  ["COALESCE(t, '2024-01-01')", 'timestamp'],
  ['COALESCE(ids, NULL)', 'list<int64>'],
  ['raw IS NULL', 'bool'],
  ['CASE WHEN flag THEN ids END', 'list<int64>'],
  ['IFNULL(a, 0)', 'int64'],
  ['substring(s FROM 2 FOR 3)', 'string'],
  ['power(2, 3)', 'float64'],
  ['ceiling(b)', 'float64'],
  ["prefix(s, 'x')", 'bool'],
  ["s ^@ 'x'", 'bool'],
  ['a != 1', 'bool'],
  ['a == 1', 'bool'],
  ['ABS(a)', 'int64'],
  ['a::DOUBLE', 'float64'],
  ['a::float32', 'float32'],
  ['CAST(a AS string)', 'string'],
  [`a${' + a'.repeat(140)}`, 'int64'],
  [`flag${' AND flag'.repeat(900)}`, 'bool'],
  [`a IN (${Array.from({ length: 1500 }, (_, i) => i).join(', ')})`, 'bool'],
];

describe('the expression compiler over DuckDB', () => {
  let bench: DuckdbBench;
  before(async () => {
    bench = await DuckdbBench.open();
  });
  after(() => bench[Symbol.dispose]());

  test(`refuses ${HOSTILE.length} hostile or mistaken texts, each with what was found and expected`, async () => {
    const columns = new Map([...COLUMNS].filter(([name]) => name !== 'current_date'));
    const results = await bench.compiler.compile(HOSTILE.map((sql) => ({ sql, columns })));
    assert.equal(results.length, HOSTILE.length);
    for (const [i, result] of results.entries()) {
      assert(!result.ok, `accepted: ${HOSTILE[i]?.slice(0, 80)}`);
      assert.notEqual(result.mistake.found, '');
      assert.notEqual(result.mistake.expected, '');
      assert.doesNotMatch(result.mistake.found, /form that is not known|of the form/, HOSTILE[i]?.slice(0, 80));
    }
  });

  for (const [i, [sql, type]] of ALLOWED.entries())
    test(`accepts ${sql.slice(0, 60)}`, async () => {
      const result = await bench.compile(sql, COLUMNS);
      assert(result.ok, result.ok ? '' : `${result.mistake.found}: ${result.mistake.expected}`);
      assert.equal(result.expression.type, type);
      assert(Object.isFrozen(result.expression.tree));
      const table = `allowed${i}`;
      await bench.createTable(table, COLUMNS, []);
      await bench.evaluate([result.expression], table);
    });

  const MISTAKES: readonly (readonly [string, string, string | null])[] = [
    ['prise * 2', 'the column prise', 'price'],
    ['A', 'the column A', 'a'],
    ['lenght(s)', 'the function lenght', 'length'],
    ["date_trunc('dayy', t)", "date_trunc of 'dayy'", 'day'],
    ['a::flaot64', 'CAST to flaot64', 'float64'],
    ['(SELECT 1)', 'a subquery', null],
    ['a // 2', 'the operator //', null],
    ['sum(a)', 'the function sum', null],
    ["t > 'soon'", "the text 'soon' as a timestamp", null],
    ['s + 1', '+ of a string', null],
    ['pow(a)', 'pow with 1 arguments', null],
  ];
  for (const [sql, found, nearest] of MISTAKES)
    test(`says of ${sql}: ${found}`, async () => {
      const result = await bench.compile(sql, COLUMNS);
      assert(!result.ok);
      assert.equal(result.mistake.found, found);
      assert.equal(result.mistake.nearest, nearest);
    });

  const CAN_FAIL: readonly (readonly [string, boolean])[] = [
    ['a + 1', true],
    ['"Case ""x""" * 2 + 1', false],
    ['length(s) * 1000', false],
    ["date_part('year', t) + 1", false],
    ['abs(a)', true],
    ['abs("Case ""x""")', false],
    ['-a', true],
    ['a % 5 + 1', true],
    ['b * price / 0', false],
    ['CAST(a AS int32)', true],
    ['CAST(sign(a) AS int32)', false],
    ['CAST(b AS int64)', true],
    ['CAST(a AS float64)', false],
    ['CAST(b AS float32)', true],
    ['CAST(s AS timestamp)', true],
    ['CAST(t AS string)', false],
    ['CASE WHEN flag THEN 1 ELSE 0 END + 1', false],
    ['flag AND CAST(s AS int64) > 1', true],
  ];
  for (const [sql, expected] of CAN_FAIL)
    test(`knows that ${sql} ${expected ? 'can' : 'cannot'} fail`, async () => {
      const result = await bench.compile(sql, COLUMNS);
      assert(result.ok);
      assert.equal(result.expression.canFail, expected);
    });
});
