// GridNode → the keys that a view has at each query time. Source rows become few before they meet the grid: of a row view one
// for each key, since a key that has a row keeps it; of windows the newest row of each key between two effective times.
import type { GridNode, LatestRowNode, WindowsNode } from '../../plan/nodes.ts';
import { deletedSql } from '../feature-columns.ts';
import { effectiveSql, floorSql } from '../instants.ts';
import { ascending, tieOrder } from '../row-order.ts';
import { keyNames, rowsSelect } from '../rows.ts';
import type { Fragment, Step } from '../script.ts';
import { ands, commas } from '../script.ts';
import type { GridPart } from '../strategies.ts';
import { haveGaps, labelInstant, rowsInRange, rowsInWindows, visibleFromSql } from '../visible-rows.ts';
import type { DuckdbContext } from './context.ts';
import { duckdbDialect } from './dialect.ts';
import { table, view } from './steps.ts';

export function latestRowKeys(context: DuckdbContext, node: LatestRowNode, part: GridPart): Fragment {
  const deleted = deletedSql(node);
  return deleted === null ? keysFromFirst(context, node, part) : keysNotDeleted(context, { ...part, node, deleted });
}

interface DeletingPart extends GridPart {
  readonly node: LatestRowNode;
  readonly deleted: string;
}

/** A key comes and goes: at each instant its last row decides. */
function keysNotDeleted(context: DuckdbContext, { node, deleted, ...part }: DeletingPart): Fragment {
  const { prefix: p } = part;
  const names = keyNames(node.rows);
  const keys = commas(names);
  const rank = `row_number() OVER (PARTITION BY ${keys} ORDER BY ts ASC, ${tieOrder(duckdbDialect, node, ascending)}) AS rank`;
  const sameKey = names.map((name) => `q.${name} = b.${name}`);
  return {
    steps: [
      instantsStep(part),
      rowsStep(context, node, part),
      table(
        `${p}_ranked`,
        'rows numbered in row order, with the instant at which each is visible and whether it deletes its key',
        `SELECT ${keys}, ${visibleFromSql(node)} AS v, ${deleted} AS deleted, ${rank} FROM ${p}_rows`,
      ),
      table(
        `${p}_best`,
        'greatest row so far, by the instant it became visible',
        `SELECT ${keys}, v, max(rank) OVER (PARTITION BY ${keys} ORDER BY v RANGE UNBOUNDED PRECEDING) AS rank FROM ${p}_ranked`,
      ),
      table(
        `${p}_asked`,
        'keys at the instants from their first visible row on',
        `SELECT ${keys}, t, e FROM (SELECT ${keys}, min(v) AS first FROM ${p}_best GROUP BY ${keys}) JOIN ${p}_instants ON first <= e`,
      ),
      view(
        `${p}_keys`,
        'those whose last visible row does not delete them',
        `SELECT ${keys}, t FROM (SELECT q.*, b.rank FROM ${p}_asked q ASOF JOIN ${p}_best b ON ${ands([...sameKey, 'b.v <= q.e'])}) JOIN ${p}_ranked USING (${keys}, rank) WHERE NOT deleted`,
      ),
    ],
    table: `${p}_keys`,
    strategy: `${node.view}: keys whose last visible row does not delete them`,
  };
}

function keysFromFirst(context: DuckdbContext, node: LatestRowNode, part: GridPart): Fragment {
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
  const which = haveGaps(node) ? 'some' : 'the widest';
  const isThinned = !node.rows.createdVisibility && !haveGaps(node);
  return {
    steps: [
      instantsStep(part),
      rowsStep(context, node, part),
      ...(isThinned ? [newestStep(node, part)] : []),
      table(
        `${p}_keys`,
        `keys with a row in ${which} window of each instant`,
        `SELECT DISTINCT ${keys}, t FROM ${p}_${isThinned ? 'newest' : 'rows'} JOIN ${p}_instants ON ${conditions}`,
      ),
    ],
    table: `${p}_keys`,
    strategy: `${node.view}: keys with a row in ${which} window`,
  };
}

/** Where windows end at their instant: between two neighbouring ones the newest row is in a window whenever an older one is. */
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
