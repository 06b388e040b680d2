// EntriesNode → SQL. Rows are read once; keys are numbered in their order and split by how many rows they have. Those of few are
// read as they are, those of many are grouped by hop, once for each grid of hops and each `by`.
//
// Tables: e_rows (k0…, ts, created, x0…, f0…), e_keys (k0…, kid, rows, newest, created, part), e_light and e_heavy (kid, ts, …),
// e_hops<i> (kid, hop, partials), e_made (kid, entry)
import type { EntriesNode } from '../../../plan/entries-node.ts';
import { failureFlag, keyNames, rowsSelect, whereFlag } from '../../rows.ts';
import { ands, commas, type Step } from '../../script.ts';
import type { EntriesFragment, EntryRowColumns, KeyNumbers } from '../../strategies.ts';
import { rowsOfEntries } from '../../visible-rows.ts';
import type { DuckdbContext } from '../context.ts';
import { duckdbDialect } from '../dialect.ts';
import { readable } from '../readable.ts';
import { table } from '../steps.ts';
import { hopGroups } from './hops.ts';

/** Source rows of the keys that are made into entries together. */
const ROWS_TOGETHER = 131_072;

export function entriesFragment(context: DuckdbContext, node: EntriesNode): EntriesFragment {
  const groups = hopGroups(node);
  const { items, columns } = rowItems(node);
  return {
    steps: [
      rowsStep(context, node),
      keysStep(node),
      splitStep(node, 'light'),
      splitStep(node, 'heavy'),
      ...groups.map(({ step }) => step),
      table(
        'e_made',
        'entries, which are made of these tables',
        'SELECT 0::BIGINT AS kid, NULL::BLOB AS entry LIMIT 0',
      ),
    ],
    strategy: `${node.view}: rows of keys with at most ${node.mostRows}, partials by hop of the others`,
    parts: 'SELECT min(kid) AS first, max(kid) AS last FROM e_keys GROUP BY part ORDER BY part',
    keys: (numbers) => `SELECT kid, newest, created FROM e_keys WHERE ${within(numbers)} ORDER BY kid`,
    rows: (numbers) => `SELECT ${commas(items)} FROM e_light WHERE ${within(numbers)} ORDER BY kid`,
    rowColumns: columns,
    hops: groups.map(({ name, slots }) => ({
      slots,
      select: (numbers) => `SELECT * FROM ${name} WHERE ${within(numbers)} ORDER BY kid`,
    })),
    target: 'e_made',
    outcome: 'e_keys JOIN e_made USING (kid)',
  };
}

const within = ({ first, last }: KeyNumbers): string => `kid BETWEEN ${first} AND ${last}`;

function rowsStep(context: DuckdbContext, node: EntriesNode): Step {
  const range = { fromMicros: node.fromMicros, toMicros: node.at.effectiveMicros };
  const select = rowsSelect(duckdbDialect, node.rows, context.scan(node.rows, range));
  return table('e_rows', 'rows that count', `SELECT * FROM (\n${select}\n)\nWHERE ${ands(rowsOfEntries(node))}`);
}

function keysStep({ rows }: EntriesNode): Step {
  const keys = commas(keyNames(rows));
  const grouped = `SELECT ${keys}, count(*) AS rows, max(ts) AS newest, max(created) AS created FROM e_rows GROUP BY ${keys}`;
  const numbered = `SELECT *, row_number() OVER (ORDER BY ${keys}) AS kid FROM (${grouped})`;
  const part = `CAST(sum(rows) OVER (ORDER BY kid ROWS UNBOUNDED PRECEDING) // ${ROWS_TOGETHER} AS BIGINT) AS part`;
  return table('e_keys', 'keys, numbered in their order', `SELECT *, ${part} FROM (${numbered}) ORDER BY kid`);
}

function splitStep({ rows, mostRows }: EntriesNode, which: 'light' | 'heavy'): Step {
  const keys = commas(keyNames(rows));
  const [condition, order] = which === 'light' ? ['<=', ' ORDER BY kid'] : ['>', ''];
  return table(
    `e_${which}`,
    which === 'light' ? 'rows of keys with few' : 'rows of keys with many',
    `SELECT r.* EXCLUDE (${keys}), kid\nFROM e_rows r JOIN (SELECT ${keys}, kid FROM e_keys WHERE rows ${condition} ${mostRows}) USING (${keys})${order}`,
  );
}

/** The columns of light rows: kid, ts, created, then the flags and values that are there. */
function rowItems({ rows }: EntriesNode): { readonly items: readonly string[]; readonly columns: EntryRowColumns } {
  const items = ['kid', 'ts', 'created'];
  const add = (sql: string | null): number | null => (sql === null ? null : items.push(sql) - 1);
  const failed = add(whereFlag(rows));
  const cells = rows.inputs.map((input) => {
    const { type } = input.expression;
    return { value: items.push(readable(input.id, type)) - 1, type, failed: add(failureFlag(rows, input)) };
  });
  return { items, columns: { failed, cells } };
}
