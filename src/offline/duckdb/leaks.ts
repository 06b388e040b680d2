// Signs that a training set holds its own target: rows of the label's own instant, and label columns that equal a feature.
import type { TrainingSetNode } from '../../plan/nodes.ts';
import { ident } from '../../sql/duckdb/names.ts';
import { LABEL_ROW } from '../../sql/labels.ts';
import type { RowInstants } from '../../sql/row-instants.ts';
import type { DuckdbSession } from './session.ts';

export interface MadeTrainingSet {
  readonly plan: TrainingSetNode;
  readonly rowInstants: readonly RowInstants[];
  readonly rows: number;
  /** Of the table `training_set`, without the number of the row. */
  readonly columns: readonly { readonly name: string; readonly physical: string }[];
}

/** In words; empty where nothing was found. */
export const leakWarnings = async (session: DuckdbSession, made: MadeTrainingSet): Promise<readonly string[]> => [
  ...(await ownRows(session, made)),
  ...(await copiedTargets(session, made)),
];

async function ownRows(session: DuckdbSession, { rowInstants, rows }: MadeTrainingSet): Promise<readonly string[]> {
  const warnings = new Set<string>();
  for (const { view, sql } of rowInstants) {
    const same = Number((await session.row(sql)).same);
    if (same * 2 > rows)
      warnings.add(
        `view ${view}: ${same} of ${rows} labels get a row of exactly their own instant, which may hold the target itself; set strictlyBefore: true in the view, or label an earlier instant`,
      );
  }
  return [...warnings];
}

/** At most so many rows, evenly drawn, and so many pairs of columns are compared. */
const COMPARED_ROWS = 10_000;
const COMPARED_PAIRS = 20_000;
const PAIRS_PER_QUERY = 500;
/** Of the rows where the label column is not null. */
const ALMOST_EVERY = 0.95;

interface Pair {
  readonly label: string;
  readonly feature: string;
  readonly type: string;
}

async function copiedTargets(session: DuckdbSession, made: MadeTrainingSet): Promise<readonly string[]> {
  const pairs = comparablePairs(made);
  const every = Math.ceil(made.rows / COMPARED_ROWS);
  const warnings: string[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS_PER_QUERY) {
    const some = pairs.slice(from, from + PAIRS_PER_QUERY);
    const facts = await session.row(
      `SELECT ${some.flatMap(pairFacts).join(', ')} FROM training_set WHERE ${LABEL_ROW} % ${every} = 0`,
    );
    for (const [i, { label, feature }] of some.entries()) {
      const [same, filled] = [Number(facts[`same_${i}`]), Number(facts[`filled_${i}`])];
      if (facts[`varies_${i}`] === true && same >= filled * ALMOST_EVERY)
        warnings.push(
          `label column ${label} equals the feature ${feature} in ${same} of ${filled} rows: the feature tells the target; take it out of the service, or the column out of the labels`,
        );
    }
  }
  return warnings;
}

/** A column of one value says nothing. */
function pairFacts({ label, feature, type }: Pair, i: number): string[] {
  const [left, right] = [`TRY_CAST(${ident(label)} AS ${type})`, `TRY_CAST(${ident(feature)} AS ${type})`];
  return [
    `count(*) FILTER (WHERE ${left} = ${right}) AS same_${i}`,
    `count(${left}) AS filled_${i}`,
    `coalesce(min(${left}) <> max(${left}), false) AS varies_${i}`,
  ];
}

function comparablePairs({ plan, columns }: MadeTrainingSet): readonly Pair[] {
  const features = new Set(plan.outputs.map(({ name }) => name));
  const own = new Set([...plan.labels.keys.map(({ column }) => column), plan.labels.timestampColumn]);
  const labels = columns.filter(({ name }) => !features.has(name) && !own.has(name));
  const computed = columns.filter(({ name }) => features.has(name));
  const pairs: Pair[] = [];
  for (const label of labels)
    for (const feature of computed) {
      const type = commonType(label.physical, feature.physical);
      if (type !== null && pairs.length < COMPARED_PAIRS)
        pairs.push({ label: label.name, feature: feature.name, type });
    }
  return pairs;
}

const NUMBER = /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*)$/;

/** What both are compared as; null where they cannot be equal. */
function commonType(left: string, right: string): string | null {
  const both = (pattern: RegExp): boolean => pattern.test(left) && pattern.test(right);
  if (both(NUMBER)) return left === 'FLOAT' || right === 'FLOAT' ? 'FLOAT' : 'DOUBLE';
  if (both(/^VARCHAR$/)) return 'VARCHAR';
  return both(/^(TIMESTAMP|DATE)/) ? 'TIMESTAMP' : null;
}
