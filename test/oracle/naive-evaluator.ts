// The oracle: section 2 of the design in nested loops, without SQL and without anything from src/.
//
//   expectedTraining(world)   the service's features per label row
//   expectedOnline(world)     values and statuses per online step, after its materialization
//
// Serving is modelled by the law "after `materialize --until T` the online answer at T equals the training answer at T":
// the answer is a function of the tables as they were at the last materialization and of T, its `until`. Rows that an
// incremental run of a row view may skip (late beyond `lateness`, not created since the last run) are not modelled:
// worlds must not contain them (random-worlds.ts does not make them).
import { type Alternative, type Answer, answersAt, nothing, type Status } from './answers.ts';
import { parseInstant } from './instants.ts';
import { featureType, readRow, readView, type ViewRow, type ViewTable } from './rows.ts';
import { serve } from './serving.ts';
import { readValue, sameValue, type Value } from './values.ts';
import { isMature } from './windows.ts';
import {
  itemAt,
  type OnlineStep,
  type ServiceFeature,
  servedFeatures,
  serviceFeatures,
  type ViewDefinition,
  type World,
} from './world.ts';

export interface Columns {
  readonly columns: string[];
  readonly types: string[];
}
export interface Training extends Columns {
  readonly rows: Value[][];
  readonly tolerances: number[][]; // 0: exact; Infinity: any value
  readonly error?: string; // the command must fail; rows are then empty
}
export interface Online extends Columns {
  readonly rows: Value[][];
  readonly statuses: Status[][];
  readonly tolerances: number[][];
  readonly alternatives: Alternative[][][];
}

const IMMATURE: Answer = { ...nothing('NULL_VALUE'), isImmature: true };

export function expectedTraining(world: World): Training {
  const features = serviceFeatures(world);
  const { labels, builtAt } = world;
  const built = builtAt === undefined ? null : parseInstant(builtAt);
  const read = tableReader(world, world.tables);
  const rows: Value[][] = [];
  const tolerances: number[][] = [];
  for (const cells of labels.rows) {
    const label = readRow(labels, cells);
    const t = label[labels.timestampColumn] as bigint;
    const answers = answerAll(features, ({ view, keyColumns }) => {
      const key = keyColumns.map(({ name }) => label[name] ?? null);
      return answersAt(read(view, key), t).map((answer, i) =>
        isMature(view, itemAt(view.features, i), t, built) ? answer : IMMATURE,
      );
    });
    const fault = answers.find((answer) => answer.fault !== undefined)?.fault;
    if (fault !== undefined) return { ...columnsOf(world, features), rows: [], tolerances: [], error: fault };
    rows.push(answers.map((answer, i) => withDefault(world, itemAt(features, i), answer)));
    tolerances.push(answers.map((answer) => answer.tolerance));
  }
  return { ...columnsOf(world, features), rows, tolerances };
}

/** Of each label of the service: the rows of the training set in which it is not mature. */
export function expectedImmature(world: World): readonly { readonly name: string; readonly rows: number }[] {
  const { labels, builtAt } = world;
  const built = builtAt === undefined ? null : parseInstant(builtAt);
  const instants = labels.rows.map((cells) => readRow(labels, cells)[labels.timestampColumn] as bigint);
  return serviceFeatures(world)
    .filter(({ view }) => view.kind === 'label')
    .map(({ view, feature, output }) => ({
      name: output,
      rows: instants.filter((t) => !isMature(view, feature, t, built)).length,
    }));
}

/** One answer per step. As the runner of the cases, a step materializes where it appends or changes `until`. */
export function expectedOnline(world: World, steps: readonly OnlineStep[] = world.online ?? []): Online[] {
  const features = servedFeatures(world);
  let tables = world.tables;
  return steps.map((step) => {
    tables = appended(tables, step);
    const read = tableReader(world, tables);
    const run = { until: parseInstant(step.until), firstUntil: parseInstant(itemAt(steps, 0).until) };
    const answers = step.entities.map((entity) =>
      answerAll(features, ({ view, keyColumns }) => {
        const key = keyColumns.map(({ name, type }) => readValue(type, entity[name]));
        return serve(read(view, key), run, parseInstant(step.at));
      }),
    );
    const value = (answer: Alternative, i: number) => withDefault(world, itemAt(features, i), answer);
    const alternatives = (answer: Answer, i: number) =>
      (answer.alternatives ?? []).map((other) => ({ value: value(other, i), status: other.status }));
    return {
      ...columnsOf(world, features),
      rows: answers.map((row) => row.map(value)),
      statuses: answers.map((row) => row.map((answer) => answer.status)),
      tolerances: answers.map((row) => row.map((answer) => answer.tolerance)),
      alternatives: answers.map((row) => row.map(alternatives)),
    };
  });
}

/** Of each instant, the keys of the view that a lookup would not call NOT_FOUND. */
export function expectedKeys(world: World, view: ViewDefinition, instants: readonly bigint[]): readonly Value[][][] {
  const all = readView(world, view, world.tables[view.source] ?? { columns: [], rows: [] });
  const byKey = Map.groupBy(all.rows, ({ key }) =>
    JSON.stringify(key, (_, part) => (typeof part === 'bigint' ? `${part}` : part)),
  );
  return instants.map((t) =>
    [...byKey.values()]
      .filter((rows) => answersAt({ ...all, rows }, t).some(({ status }) => status !== 'NOT_FOUND'))
      .map((rows) => [...itemAt(rows, 0).key]),
  );
}

export function appended(tables: World['tables'], step: OnlineStep): World['tables'] {
  const grown = Object.entries(tables).map(([name, table]) => {
    return [name, { ...table, rows: [...table.rows, ...(step.append?.[name] ?? [])] }];
  });
  return Object.fromEntries(grown) as World['tables'];
}

function columnsOf(world: World, features: readonly ServiceFeature[]): Columns {
  return {
    columns: features.map((item) => item.output),
    types: features.map((item) => featureType(world, item.view, item.feature)),
  };
}

/** The service's answers, asking once per service entry (all its features share view and key columns). */
function answerAll(features: readonly ServiceFeature[], ask: (item: ServiceFeature) => Answer[]): Answer[] {
  const asked = new Map<ServiceFeature['keyColumns'], Answer[]>();
  return features.map((item) => {
    const answers = asked.get(item.keyColumns) ?? ask(item);
    asked.set(item.keyColumns, answers);
    return itemAt(answers, item.index);
  });
}

/** Reads a view's rows of one key. A null in the key matches nothing. */
function tableReader(world: World, tables: World['tables']) {
  const views = new Map<ViewDefinition, ViewTable>();
  return (view: ViewDefinition, key: readonly Value[]): ViewTable => {
    const all = views.get(view) ?? readView(world, view, tables[view.source] ?? { columns: [], rows: [] });
    views.set(view, all);
    const isOfKey = (row: ViewRow) => row.key.every((part, i) => sameValue(part, key[i] ?? null));
    return { ...all, rows: all.rows.filter(isOfKey) };
  };
}

/** A default replaces null, except where nothing is known. */
function withDefault(
  world: World,
  { view, feature }: ServiceFeature,
  { value, status, isImmature }: Pick<Answer, 'value' | 'status' | 'isImmature'>,
): Value {
  if (value !== null || status === 'INVALID' || status === 'TOO_EARLY' || isImmature === true) return value;
  return readValue(featureType(world, view, feature), feature.default);
}
