// Expressions beyond a limit, or with a mistake, as `apply` tells them: the file, the place, what was found and expected,
// exit 2, and no word of the engine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempProject } from './project.ts';
import { DEFINITIONS, SHOP } from './shop.ts';

const withPoints = (sql: string): string =>
  DEFINITIONS.replace(
    '{ name: points, type: int64 }',
    `{ name: points, type: int64, expression: ${JSON.stringify(sql)} }`,
  );

const CASES: readonly (readonly [title: string, sql: string, said: RegExp])[] = [
  [
    'a sum of 1,401 terms',
    `points${'+1'.repeat(1400)}`,
    /shop\.yaml.*points[\s\S]*an expression nested too deeply[\s\S]*at most 150 levels: a sum of n terms has n - 1/,
  ],
  [
    '3,000 lists in one another',
    `${'['.repeat(3000)}${']'.repeat(3000)}`,
    /an expression nested too deeply[\s\S]*at most 150/,
  ],
  ['a list', '[1, 2]', /a list \[ … \]/],
  ['a mistake in line 2', 'points\n+ 1 2', /SQL with a mistake at '2' \(line 2, column 5\)/],
  [
    'a bracket without its end',
    `${'('.repeat(3000)}points`,
    /SQL with a mistake at its end[\s\S]*every bracket, quote and CASE closed/,
  ],
  ['a function by a wrong name', 'lgo2(points)', /the function lgo2[\s\S]*log2/],
  ['too many arguments', `least(${'1,'.repeat(1400)}points)`, /least with 1401 arguments[\s\S]*1 to 1000/],
];

for (const [title, sql, said] of CASES)
  test(`${title} is refused by apply`, async () => {
    const project = await tempProject({ ...SHOP, 'features/shop.yaml': withPoints(sql) });
    const { code, document } = await project.json('apply');
    assert.equal(code, 2);
    assert.equal(document.error?.code, 'INVALID_DEFINITION');
    assert.match(document.error?.message ?? '', said);
    assert.doesNotMatch(JSON.stringify(document), /max_expression_depth|syntax error|list_value|Parser/i);
  });

test('within the limits all is computed: 146 terms, 4,000 brackets, the same WHEN twice', async () => {
  const sums = `CASE points WHEN 7 THEN points${'+1'.repeat(145)} WHEN 7 THEN 0 ELSE ${'('.repeat(4000)}1${')'.repeat(4000)} END`;
  const project = await tempProject({ ...SHOP, 'features/shop.yaml': withPoints(sums) });
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', 'profile', '--until', '2026-01-08T00:00:00Z')).code, 0);
  const get = ['get', '--features', 'profile:points', '--at', '2026-01-08T00:00:00Z', '--entity'];
  const { document } = await project.json(...get, '{"user_id":2}', '{"user_id":1}');
  assert.deepEqual(document.rows, [[152], [1]]);
});
