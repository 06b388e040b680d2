// Why does a lookup return what it returns? Each value of one entity is computed anew, by the naive rules from the rows of its
// key, as far as the run that serves it had come, and held against the answer.
//
//   answer ─▶ live run (state, manifest) ─▶ rows of the key ─▶ naive rules ─▶ equal, or what may be why not
import type { Status, Value } from '../../../schemas/types.ts';
import type { Catalog, FeatureView, ServiceFeature } from '../../catalog/catalog.ts';
import { readJoinKey } from '../../catalog/join-key-input.ts';
import { hasEntries, labelsOf, requireService, requireView, servedFeatures } from '../../catalog/look-up.ts';
import { formatInstant } from '../../instant.ts';
import type { Json, JsonObject } from '../../lossless-json.ts';
import { runId } from '../../materialize/run-list.ts';
import { namedFeatures } from '../../online/lookup/resolve-request.ts';
import type { Int64Form } from '../../online/value-json.ts';
import { compareValues } from '../compare-values.ts';
import { jsonValue, keyText, valueOfJson } from '../value-text.ts';
import type { Explanation } from './explanation.ts';
import { type NaiveValue, naiveValue, visibleRows } from './naive-value.ts';
import { type ExplainerPorts, type ServedView, servedView } from './served-view.ts';
import { toldRows, toldWindow } from './told.ts';

export interface AnsweredEntity {
  /** The registry version that the answer is of. */
  readonly version: number;
  readonly requested: { readonly service: string } | { readonly features: readonly string[] };
  readonly entity: JsonObject;
  readonly atMicros: bigint;
  /** By feature, as the lookup returned them. */
  readonly values: readonly Json[];
  readonly statuses: readonly Status[];
  /** How `values` have int64, and the explanations too. */
  readonly int64: Int64Form;
}

export interface Explained {
  readonly explanation: Explanation;
  /** What it was computed from, for a conformance case. */
  readonly served: ServedView;
  readonly entry: ServiceFeature;
  readonly recomputed: NaiveValue;
}

export interface Explainer {
  /** By feature, in the order of the answer. */
  explain(answered: AnsweredEntity): Promise<readonly Explained[]>;
  /** The output names of the labels that the service has, and no lookup. */
  labels(answered: Pick<AnsweredEntity, 'version' | 'requested'>): Promise<readonly string[]>;
}

export const createExplainer = (ports: ExplainerPorts): Explainer => ({
  explain: (answered) => explain(ports, answered),
  labels: async ({ version, requested }) => {
    if (!('service' in requested)) return [];
    const catalog = await ports.version(version);
    return labelsOf(catalog, requireService(catalog, requested.service).features).map(({ name }) => name);
  },
});

async function explain(ports: ExplainerPorts, answered: AnsweredEntity): Promise<readonly Explained[]> {
  const { requested, entity, atMicros, values, statuses, int64 } = answered;
  const catalog = await ports.version(answered.version);
  const entries =
    'service' in requested
      ? servedFeatures(catalog, `service ${requested.service}`, requireService(catalog, requested.service).features)
      : namedFeatures(catalog, requested.features);
  const views = new Map<string, ServedView>();
  const explained: Explained[] = [];
  for (const [i, entry] of entries.entries()) {
    const key = keyOf(catalog, entry, entity);
    const id = `${entry.view} ${keyText(key)}`;
    const served = views.get(id) ?? (await servedView(ports, { catalog, view: entry.view, key, atMicros }));
    views.set(id, served);
    explained.push(explainOne(served, entry, { value: values[i] ?? null, status: statuses[i] as Status, int64 }));
  }
  return explained;
}

const keyOf = (catalog: Catalog, { view, readAs }: ServiceFeature, entity: JsonObject): readonly Value[] =>
  requireView(catalog, view).joinKeys.map(({ name, type }, i) =>
    readJoinKey(entity, 0, { name: readAs[i] ?? name, type }),
  );

interface Answered {
  readonly value: Json;
  readonly status: Status;
  readonly int64: Int64Form;
}

function explainOne(served: ServedView, entry: ServiceFeature, answer: Answered): Explained {
  const { view, computedAt, live } = served;
  const type = view.features.find(({ name }) => name === entry.feature)?.type ?? null;
  const recomputed = type === null ? UNKNOWN_TO_RUN : asAnswered(served, asServed(served, entry.feature), answer);
  const { status, int64 } = answer;
  const value = type === null ? null : valueOfJson(answer.value, type);
  const told = type === null ? null : jsonValue(recomputed.value, type, int64);
  // Both from JSON, which does not keep the order of all keys of a map.
  const expected = type === null ? recomputed : { ...recomputed, value: valueOfJson(told, type) };
  const { isEqual } = compareValues(type ?? 'bool', expected, { value, status });
  const rowsLater = laterRows(served);
  const explanation: Explanation = {
    ...{ name: entry.name, view: view.name, feature: entry.feature, value: answer.value, status },
    recomputed: { value: told, status: recomputed.status },
    equal: isEqual && !served.isCut,
    notes: notesOf(served, { answer, recomputed, isEqual, rowsLater }),
    effectiveTime: formatInstant(computedAt.effectiveMicros),
    scheduled: view.refresh !== null,
    window: toldWindow(served, entry.feature),
    rows: toldRows(served, recomputed.counted, int64),
    rowsTotal: recomputed.counted.length,
    rowsLater,
    run: {
      id: runId({ view: view.name, run: live.run }),
      generation: live.id,
      watermark: formatInstant(served.untilMicros),
    },
    defaultApplied: recomputed.defaultApplied,
  };
  return { explanation, served, entry, recomputed };
}

const without = (status: Status): NaiveValue => ({
  ...{ value: null, status, tolerance: 0, counted: [], defaultApplied: false },
});

const UNKNOWN_TO_RUN = without('NOT_MATERIALIZED');

/** As the run computed it, and as the lookup has to judge it at its instant. */
function asServed(served: ServedView, feature: string): NaiveValue {
  const { view, live, rows, ofRun, asked, computedAt } = served;
  const found = naiveValue({ ...served, rows: visibleRows(view, rows, ofRun) }, feature, computedAt);
  const early = { ...found, ...without('TOO_EARLY'), counted: found.counted };
  if (view.refresh !== null || hasEntries(view)) return asked.effectiveMicros < ofRun.effectiveMicros ? early : found;
  const [chosen] = found.counted;
  const isVisible = chosen === undefined || visibleRows(view, [chosen], asked).length > 0;
  return isVisible || live.kind === 'aggregate' ? found : early;
}

/** What a stream's entry does not keep any more is known from the rows all the same. */
const asAnswered = ({ live }: ServedView, found: NaiveValue, { status }: Answered): NaiveValue =>
  live.stream !== undefined && status === 'TOO_EARLY' ? { ...without('TOO_EARLY'), counted: found.counted } : found;

const laterRows = ({ view, rows, ofRun, asked }: ServedView): number =>
  visibleRows(view, rows, asked).length - visibleRows(view, visibleRows(view, rows, ofRun), asked).length;

interface Judged {
  readonly answer: Answered;
  readonly recomputed: NaiveValue;
  readonly isEqual: boolean;
  readonly rowsLater: number;
}

function notesOf(served: ServedView, { answer, recomputed, isEqual, rowsLater }: Judged): readonly string[] {
  const { view, live, isCut, changes } = served;
  const cut = isCut ? [`the key has more than ${served.rows.length} rows, so only the newest were looked at`] : [];
  const later =
    rowsLater === 0
      ? []
      : [
          `${rowsLater} rows of the key are later than the run, which came to ${formatInstant(live.watermarkMicros)}: \`plumb materialize ${view.name}\` brings them in`,
        ];
  if (isEqual) return [...cut, ...later];
  const left =
    answer.status === 'NOT_FOUND' && recomputed.status !== 'NOT_FOUND' && changes.length === 0
      ? ['the row may have left the online store, where its time was over']
      : [];
  const why = [...changes, ...left];
  return [...cut, ...(why.length === 0 ? [unexplained(view)] : why), ...later];
}

const unexplained = ({ name }: FeatureView): string =>
  `the files are those that the run read, so nothing here explains it: keep it with --save-case, and run \`plumb verify\` and \`plumb materialize ${name} --full\``;
