// Labels that cannot be used: what is wrong is told, no dataset is made, and no file is left behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../schemas/errors.ts';
import { tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { SHOP } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');
const create = (labels: string): readonly string[] => ['dataset', 'create', '--service', 'ranking', '--labels', labels];

const REFUSED: readonly (readonly [string, string, string, ErrorCode, RegExp])[] = [
  [
    'no timestamp column',
    'a.csv',
    'user_id,when\n1,2026-01-08\n',
    'INVALID_LABELS',
    /event_timestamp[\s\S]*--timestamp-column[\s\S]*when/,
  ],
  [
    'a time that is none',
    'b.csv',
    'user_id,event_timestamp\n1,2026-01-08\n2,soon\n',
    'INVALID_LABELS',
    /event_timestamp[\s\S]*soon/,
  ],
  [
    'a time that is none, in JSONL',
    'b.jsonl',
    '{"user_id":1,"event_timestamp":"soon"}\n',
    'INVALID_LABELS',
    /event_timestamp[\s\S]*soon/,
  ],
  [
    'numbers as times without their unit',
    'c.jsonl',
    '{"user_id":1,"event_timestamp":1767830400}\n',
    'INVALID_LABELS',
    /timestamp-?unit/i,
  ],
  [
    'a float key beyond what a float64 tells apart',
    'big.jsonl',
    '{"user_id":1234567890123456789,"event_timestamp":"2026-01-08"}\n{"user_id":1.0,"event_timestamp":"2026-01-08"}\n',
    'INVALID_LABELS',
    /user_id/,
  ],
  ['no key column', 'd.csv', 'user,event_timestamp\n1,2026-01-08\n', 'INVALID_LABELS', /user_id/],
  ['a key that is no number', 'e.csv', 'user_id,event_timestamp\none,2026-01-08\n', 'INVALID_LABELS', /user_id/],
  [
    'a key out of range',
    'f.csv',
    'user_id,event_timestamp\n9223372036854775808,2026-01-08\n',
    'INVALID_LABELS',
    /user_id/,
  ],
  [
    'a column named like a feature',
    'g.csv',
    'user_id,event_timestamp,profile__country\n1,2026-01-08,US\n',
    'INVALID_LABELS',
    /profile__country/,
  ],
  ['an empty file', 'h.csv', '', 'INVALID_LABELS', /not even a header/],
  ['zero rows', 'zero.csv', 'user_id,event_timestamp\n', 'INVALID_LABELS', /no rows/],
  ['an ending that is no format', 'i.xlsx', 'x', 'INVALID_LABELS', /\.xlsx[\s\S]*\.parquet/],
  ['Parquet that is none', 'j.parquet', 'x', 'INVALID_LABELS', /j\.parquet/],
  ['Arrow that is none', 'k.arrow', 'x', 'INVALID_LABELS', /k\.arrow/],
];
for (const [name, file, content, code, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    await project.write(file, content);
    await assertRefused(project, [...create(file), '--name', 'refused', '--out', 'refused.jsonl'], code, message);
    assert.deepEqual(
      (await project.stored()).filter((stored) => stored.startsWith('datasets/refused')),
      [],
    );
    await assert.rejects(project.read('refused.jsonl'));
  });
}

test('refused: a file that is not there', async () => {
  await assertRefused(project, create('nothing.csv'), 'INVALID_LABELS', /nothing\.csv/);
});

test('refused: an output of no known format', async () => {
  const before = await project.stored();
  const { code, err } = await project.plumb(...create('labels.csv'), '--out', 'out.xlsx');
  assert.equal(code, 2);
  assert.match(err, /\.xlsx[\s\S]*\.parquet/);
  assert.deepEqual(await project.stored(), before);
});
