// Signs that a training set holds its own target: rows of the label's own instant, and label columns that equal a feature.
import type { TrainingSetNode, TrainingSetOutput } from '../plan/nodes.ts';
import { LABEL_ROW } from '../sql/labels.ts';
import type { RowInstants } from '../sql/row-instants.ts';

/** What is asked of the engine that made the training set. */
export interface LeakQueries {
  /** The one row of a SELECT. */
  row(sql: string): Promise<Readonly<Record<string, unknown>>>;
  ident(name: string): string;
  /** A physical type that both are compared as; null where they cannot be equal. */
  commonType(left: string, right: string): string | null;
}

export interface MadeTrainingSet {
  readonly plan: TrainingSetNode;
  readonly rowInstants: readonly RowInstants[];
  readonly rows: number;
  /** Of the table `training_set`, without the number of the row; types as the engine calls them. */
  readonly columns: readonly { readonly name: string; readonly physical: string }[];
}

/** In words; empty where nothing was found. */
export const leakWarnings = async (engine: LeakQueries, made: MadeTrainingSet): Promise<readonly string[]> => [
  ...(await ownRows(engine, made)),
  ...(await copiedTargets(engine, made)),
];

const aboutView = (view: string): string => `view ${view}: `;

/** Whether one of a training set's warnings is about its view's own rows. */
export const isWarnedOf = (warnings: readonly string[], view: string): boolean =>
  warnings.some((warning) => warning.startsWith(aboutView(view)));

async function ownRows(engine: LeakQueries, { rowInstants, rows }: MadeTrainingSet): Promise<readonly string[]> {
  const warnings = new Set<string>();
  for (const { view, sql } of rowInstants) {
    const same = Number((await engine.row(sql)).same);
    if (same * 2 > rows)
      warnings.add(
        `${aboutView(view)}${same} of ${rows} labels get a row of exactly their own instant, which may hold the target itself; set strictlyBefore: true in the view, or label an earlier instant`,
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

async function copiedTargets(engine: LeakQueries, made: MadeTrainingSet): Promise<readonly string[]> {
  const pairs = comparablePairs(engine, made);
  const every = Math.ceil(made.rows / COMPARED_ROWS);
  const warnings: string[] = [];
  for (let from = 0; from < pairs.length; from += PAIRS_PER_QUERY) {
    const some = pairs.slice(from, from + PAIRS_PER_QUERY);
    const facts = await engine.row(
      `SELECT ${some.flatMap((pair, i) => pairFacts(engine, pair, i)).join(', ')} FROM training_set WHERE ${LABEL_ROW} % ${every} = 0`,
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
function pairFacts({ ident }: LeakQueries, { label, feature, type }: Pair, i: number): string[] {
  const [left, right] = [`TRY_CAST(${ident(label)} AS ${type})`, `TRY_CAST(${ident(feature)} AS ${type})`];
  return [
    `count(*) FILTER (WHERE ${left} = ${right}) AS same_${i}`,
    `count(${left}) AS filled_${i}`,
    `coalesce(min(${left}) <> max(${left}), false) AS varies_${i}`,
  ];
}

const isLabel = ({ matureUntilMicros }: TrainingSetOutput): boolean => matureUntilMicros !== undefined;

function comparablePairs({ commonType }: LeakQueries, { plan, columns }: MadeTrainingSet): readonly Pair[] {
  // A label that is defined is a target, like one that stands in the labels.
  const features = new Set(plan.outputs.filter((output) => !isLabel(output)).map(({ name }) => name));
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
