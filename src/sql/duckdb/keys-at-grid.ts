// GridNode → the keys that a view has at each query time. Source rows become few before they meet the grid: of a row view one
// for each key, since a key that has a row keeps it; of windows the newest row of each key between two effective times.
import type { GridNode, LatestRowNode, WindowsNode } from '../../plan/nodes.ts';
import { effectiveSql, floorSql } from '../instants.ts';
import { keyNames, rowsSelect } from '../rows.ts';
import type { Fragment, Step } from '../script.ts';
import { ands, commas } from '../script.ts';
import type { GridPart } from '../strategies.ts';
import { labelInstant, rowsInRange, rowsInWindows, visibleFromSql } from '../visible-rows.ts';
import type { DuckdbContext } from './context.ts';
import { duckdbDialect } from './dialect.ts';
import { table, view } from './steps.ts';

export function latestRowKeys(context: DuckdbContext, node: LatestRowNode, part: GridPart): Fragment {
  const { prefix: p } = part;
  const keys = commas(keyNames(node.rows));
  return {
    steps: [
      instantsStep(part),
      rowsStep(context, node, part),
      table(
        `${p}_first`,
        'the first instant at which each key has a visible row',
        `SELECT ${keys}, min(${visibleFromSql(node)}) AS first FROM ${p}_rows GROUP BY ${keys}`,
      ),
      view(`${p}_keys`, 'keys at each instant', `SELECT ${keys}, t FROM ${p}_first JOIN ${p}_instants ON first <= e`),
    ],
    table: `${p}_keys`,
    strategy: `${node.view}: keys from their first visible row on`,
  };
}

export function windowsKeys(context: DuckdbContext, node: WindowsNode, part: GridPart): Fragment {
  const { prefix: p } = part;
  const keys = commas(keyNames(node.rows));
  const conditions = ands(rowsInWindows(node, labelInstant(node)));
  return {
    steps: [
      instantsStep(part),
      rowsStep(context, node, part),
      ...(node.rows.createdVisibility ? [] : [newestStep(node, part)]),
      table(
        `${p}_keys`,
        'keys with a row in the widest window of each instant',
        `SELECT DISTINCT ${keys}, t FROM ${p}_${node.rows.createdVisibility ? 'rows' : 'newest'} JOIN ${p}_instants ON ${conditions}`,
      ),
    ],
    table: `${p}_keys`,
    strategy: `${node.view}: keys with a row in the widest window`,
  };
}

/** Between two neighbouring effective times the newest row is in a window whenever an older one is. */
function newestStep(node: WindowsNode, { prefix: p, at }: GridPart): Step {
  const keys = commas(keyNames(node.rows));
  const between =
    at.refresh === null ? floorSql(`ts - ${at.fromMicros}`, at.everyMicros) : floorSql('ts', at.refresh.everyMicros);
  return table(
    `${p}_newest`,
    'the newest row of each key between two instants',
    `SELECT ${keys}, max(ts) AS ts FROM ${p}_rows GROUP BY ${keys}, ${between}`,
  );
}

const instantsStep = ({ prefix: p, at }: GridPart): Step =>
  table(`${p}_instants`, 'query times and their effective times', instantsSelect(at));

const instantsSelect = ({ refresh, fromMicros, toMicros, everyMicros }: GridNode): string =>
  `SELECT t, ${effectiveSql('t', refresh)} AS e FROM range(${fromMicros}, ${toMicros}, ${everyMicros}) grid(t)`;

function rowsStep(context: DuckdbContext, { rows }: LatestRowNode | WindowsNode, { prefix: p, range }: GridPart): Step {
  const conditions = rowsInRange(range);
  const where = conditions.length === 0 ? '' : `\nWHERE ${ands(conditions)}`;
  const select = rowsSelect(duckdbDialect, rows, context.scan(rows, range));
  return view(`${p}_rows`, 'source rows that may count', `SELECT * FROM (\n${select}\n)${where}`);
}
