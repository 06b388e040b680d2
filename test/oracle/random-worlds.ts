// Random worlds from a seed, in the shape of conformance cases. Most instants lie on an edge of some window, boundary
// or age, or one microsecond beside it. Nothing here can be skipped by an incremental run (see naive-evaluator.ts).
import { edgeShare, eventTimeEdges } from './edges.ts';
import { floorTo, formatInstant, parseDuration, parseInstant, SECOND } from './instants.ts';
import { expectedOnline, expectedTraining } from './naive-evaluator.ts';
import { Random } from './random.ts';
import { randomEntities, randomService, randomSource, randomView, SCALES } from './random-definitions.ts';
import { instantText, numericInstant, randomKey, randomValue } from './random-values.ts';
import { instantIn } from './rows.ts';
import { type Json, type Value, writeValue } from './values.ts';
import { createdLimit, effectiveTime, hopOf } from './windows.ts';
import {
  type ConformanceCase,
  itemAt,
  type JsonRow,
  type OnlineStep,
  type SourceDefinition,
  serviceFeatures,
  type Table,
  type ViewDefinition,
  type World,
} from './world.ts';

export interface WorldOptions {
  readonly maxRows?: number; // over all sources, 60
  readonly maxLabels?: number; // 12
  readonly maxViews?: number; // 4
  readonly level?: 1 | 2; // 1: no continuous aggregates
  readonly faults?: boolean; // int overflow in expressions, true
  readonly bytes?: boolean; // bytes columns (base64 in JSON), false
  readonly labels?: boolean; // label views, but the first view is none; false
}
export interface WorldStats {
  readonly edgeShare: number; // of label rows: some event of the key exactly on an edge
  readonly trainingFails: boolean; // an int overflows
  readonly servesInvalid: boolean;
}
export interface RandomWorld extends World {
  readonly why: string;
  readonly seed: number;
}
type Cells = Readonly<Record<string, Json>>;

export function randomWorld(seed: number, options: WorldOptions = {}): RandomWorld {
  return { ...new Builder(seed, options).build(), why: `random world of seed ${seed}`, seed };
}

export function worldStats(world: World): WorldStats {
  return {
    edgeShare: edgeShare(world),
    trainingFails: expectedTraining(world).error !== undefined,
    servesInvalid: expectedOnline(world).some((step) => step.statuses.flat().includes('INVALID')),
  };
}

/**
 * The world as a conformance case, with what the oracle expects. A case knows one answer only: see `alternatives` of
 * expectedOnline for worlds where another would be right as well. A case that must fail has no online steps.
 */
export function toCase(world: World): ConformanceCase {
  const { online: steps = [], ...rest } = world;
  const training = expectedTraining(world);
  if (training.error !== undefined) return { ...rest, expected: { error: true, columns: [], rows: [] } };
  const answers = expectedOnline(world);
  const online = steps.map((step, i) => {
    const { types, rows, statuses } = itemAt(answers, i);
    return { ...step, rows: writeRows(types, rows), statuses };
  });
  const expected = { columns: training.columns, rows: writeRows(training.types, training.rows) };
  return { ...rest, expected, ...(online.length > 0 ? { online } : {}) };
}

const writeRows = (types: readonly string[], rows: readonly (readonly Value[])[]): Json[][] =>
  rows.map((row) => row.map((value, i) => writeValue(itemAt(types, i), value)));

/** An instant at which something is asked, and the key that is asked for. */
interface Moment {
  readonly t: bigint;
  readonly key: Cells;
}

class Builder {
  readonly random: Random;
  readonly seed: number;
  readonly options: WorldOptions;
  readonly extremes: boolean;
  readonly start: bigint;
  readonly span: bigint;
  readonly definitions: World['definitions'];
  readonly keys: Cells[]; // of all join keys, hot one first
  readonly moments: Moment[] = []; // of labels, then of lookups
  labelCount = 0;

  constructor(seed: number, options: WorldOptions) {
    this.seed = seed;
    this.options = options;
    this.random = new Random(seed);
    const { random } = this;
    const scale = random.pick(SCALES);
    this.extremes = random.chance(0.3);
    this.span = parseDuration(scale.span);
    this.start = parseInstant(
      random.pick([
        '2026-03-01T00:00:00Z',
        '2000-02-28T12:34:56.789012Z',
        '1969-12-31T23:55:00Z',
        '1960-05-05T00:00:00Z',
      ]),
    );
    const entities = randomEntities(random);
    const bytes = options.bytes ?? false;
    const sources = Array.from({ length: random.int(1, 2) }, (_, i) => randomSource(random, i, entities, bytes));
    const views = Array.from({ length: random.int(1, options.maxViews ?? 4) }, (_, i) =>
      randomView(random, `v${i}`, scale, entities, random.pick(sources), {
        continuousAggregates: (options.level ?? 2) === 2,
        bytes,
        labels: options.labels === true && i > 0,
        riskyExpressions: this.extremes && options.faults !== false && random.chance(0.5),
      }),
    );
    this.definitions = {
      entities,
      sources,
      featureViews: views,
      featureServices: [randomService(random, views, entities)],
    };
    this.keys = Array.from({ length: random.int(1, 5) }, () => this.#randomKeys());
  }

  build(): World {
    const { random, definitions } = this;
    const shape = { name: `random-${this.seed}`, level: this.#level(), definitions, service: 'svc' };
    const labels = this.#labels({ ...shape, tables: {}, labels: { timestampColumn: '', columns: [], rows: [] } });
    const steps = this.#steps(labels);
    let budget = random.chance(0.05) ? 0 : random.int(1, this.options.maxRows ?? 60);
    const tables: Record<string, Table> = {};
    for (const source of definitions.sources) {
      const rows = this.#rows(source, source === definitions.sources.at(-1) ? budget : random.int(0, budget));
      budget -= rows.length;
      tables[source.name] = { columns: Object.entries(source.columns), rows };
    }
    return { ...shape, tables, labels, ...this.#build(), online: this.#withAppends(steps) };
  }

  /** Where there are label views: on, or beside, the instant at which the label of some row matures. */
  #build(): Pick<World, 'builtAt'> {
    const { random, moments, labelCount } = this;
    const ahead = this.definitions.featureViews
      .filter((view) => view.kind === 'label')
      .flatMap((view) => view.features);
    if (ahead.length === 0) return {};
    const { t } = random.pick(moments.slice(0, labelCount));
    const width = parseDuration(random.pick(ahead).window ?? '');
    const far = random.chance(0.3) ? this.span * 3n : 0n;
    return { builtAt: formatInstant(t + width + far + random.pick([0n, 0n, 1n, -1n])) };
  }

  /** Serving continuous aggregates is level 2. */
  #level(): number {
    return this.definitions.featureViews.some((view) => view.kind === 'aggregate' && !view.refresh) ? 2 : 1;
  }

  #joinKeys() {
    return this.definitions.entities.flatMap((entity) => entity.joinKeys);
  }

  #randomKeys(): Cells {
    return Object.fromEntries(this.#joinKeys().map(({ name, type }) => [name, randomKey(this.random, type)]));
  }

  /** A boundary, a hop multiple or a second of some view, or one microsecond beside; sometimes any instant. */
  #instant(): bigint {
    const { random } = this;
    const any = this.start + random.micros(this.span);
    if (random.chance(0.25)) return any;
    const view = random.pick(this.definitions.featureViews);
    const hops =
      view.kind !== 'aggregate' ? [SECOND] : view.features.filter((f) => f.window !== 'unbounded').map(hopOf);
    const step = view.refresh ? parseDuration(view.refresh.every) : hops.length > 0 ? random.pick(hops) : SECOND;
    return floorTo(any, step) + parseDuration(view.refresh?.delay ?? '0s') + random.pick([0n, 0n, 0n, 1n, -1n]);
  }

  /** Key columns under the names of labels and lookups: roles may differ in key. */
  #askedKey(world: World, key: Cells): Record<string, Json> {
    const { random } = this;
    const other = random.pick(this.keys);
    const cells: Record<string, Json> = {};
    for (const { keyColumns, view } of serviceFeatures(world)) {
      const names = view.entities.flatMap((entity) => {
        return this.definitions.entities.find(({ name }) => name === entity)?.joinKeys ?? [];
      });
      keyColumns.forEach(({ name }, i) => {
        const joinKey = names[i]?.name ?? '';
        cells[name] = (name === joinKey ? key : other)[joinKey] ?? null;
      });
    }
    if (Object.keys(cells).length > 0 && random.chance(0.06)) cells[random.pick(Object.keys(cells))] = null;
    return cells;
  }

  #labels(world: World): World['labels'] {
    const { random } = this;
    const timestampColumn = random.pick(['event_timestamp', 'when']);
    const keyTypes = new Map(serviceFeatures(world).flatMap((item) => item.keyColumns.map((k) => [k.name, k.type])));
    const all = [...keyTypes, [timestampColumn, 'timestamp'], ['note', 'string'], ['target', 'float64']] as const;
    const columns = random.sample(all, all.length);
    const rows: JsonRow[] = [];
    for (let count = random.int(1, this.options.maxLabels ?? 12); count > 0; count--) {
      const last = rows.at(-1);
      if (last && random.chance(0.1)) {
        rows.push(last);
        continue;
      }
      const key = random.pickHot(this.keys);
      const t = this.#instant();
      this.moments.push({ t, key });
      const cells: Record<string, Json> = {
        ...this.#askedKey(world, key),
        [timestampColumn]: instantText(random, t),
        note: random.pick(['007', '1e5', 'true', 'NULL', '2026-03-01', '', null]),
        target: random.pick([0.5, 1, null]),
      };
      rows.push(columns.map(([name]) => cells[name] ?? null));
    }
    this.labelCount = this.moments.length;
    return { timestampColumn, columns: columns.map(([name, type]) => [name, type]), rows };
  }

  #steps(labels: World['labels']): OnlineStep[] {
    const { random } = this;
    const world = { name: '', level: 1, definitions: this.definitions, service: 'svc', tables: {}, labels };
    const untils = Array.from({ length: random.int(1, 3) }, () => this.#instant()).sort((a, b) => (a < b ? -1 : 1));
    const lookups = untils.flatMap((until) => Array.from({ length: random.int(1, 2) }, () => until));
    return lookups.map((until) => {
      const at = random.chance(0.5) ? until : this.#lookupTime(until);
      const keys = random.sample(this.keys, random.int(1, this.keys.length));
      if (random.chance(0.25)) keys.push(this.#randomKeys());
      for (const key of keys) this.moments.push({ t: until, key }, { t: at, key });
      const entities = keys.map((key) => this.#askedKey(world, key));
      return { until: formatInstant(until), at: formatInstant(at), entities };
    });
  }

  /** Mostly after the run: ages grow and windows slide. */
  #lookupTime(until: bigint): bigint {
    const { random } = this;
    const any = this.#instant();
    if (random.chance(0.3)) return any;
    return any > until ? any : until + random.pick([1n, -1n, SECOND, until - any]);
  }

  /** Rows for later runs: none that an incremental run may skip. */
  #withAppends(steps: readonly OnlineStep[]): OnlineStep[] {
    return steps.map((step, i) => {
      const former = steps[i - 1];
      if (!former || this.random.chance(0.4)) return step;
      const append: Record<string, JsonRow[]> = {};
      for (const source of this.definitions.sources) {
        const isRead = (row: JsonRow) => this.#isReadAfter(source, parseInstant(former.until), row);
        const rows = this.#rows(source, this.random.int(0, 8)).filter(isRead);
        if (rows.length > 0) append[source.name] = rows;
      }
      return Object.keys(append).length > 0 ? { append, ...step } : step;
    });
  }

  #isReadAfter(source: SourceDefinition, watermark: bigint, row: JsonRow): boolean {
    const eventTime = instantIn(source, row, source.timestampColumn);
    const created = instantIn(source, row, source.createdTimestampColumn);
    const rowViews = this.definitions.featureViews.filter((view) => view.kind === 'row' && view.source === source.name);
    const isCovered = (view: ViewDefinition) =>
      eventTime === null || eventTime >= watermark - parseDuration(view.lateness ?? '24h');
    return rowViews.every(isCovered) || (created !== null && created > watermark);
  }

  /** Rows of a source, with repeated rows and repeated instants of one key. */
  #rows(source: SourceDefinition, count: number): JsonRow[] {
    const { random } = this;
    const rows: JsonRow[] = [];
    while (rows.length < count) {
      const former = rows.length > 0 && random.chance(0.25) ? random.pick(rows) : undefined;
      if (former && random.chance(0.3)) rows.push(former);
      else rows.push(this.#row(source, former));
    }
    return rows;
  }

  /** With `twin`: its key, its event time or one that is a gap beside it, often its created time, other values. */
  #row(source: SourceDefinition, twin: JsonRow | undefined): JsonRow {
    const { random } = this;
    const moment = random.chance(0.4) ? random.pick(this.moments) : random.pick(this.moments.slice(0, this.labelCount));
    const key = random.chance(0.75) ? moment.key : random.pickHot(this.keys);
    const eventTime = random.chance(0.04) ? null : this.#eventTime(source, moment.t);
    const options = { extremes: this.extremes, around: this.start };
    return Object.entries(source.columns).map(([name, type], i) => {
      const joinKey = name.replace(/_of$/, '');
      const isKey = this.#joinKeys().some((item) => item.name === joinKey);
      const isKept = isKey || (name === 'c' && random.chance(0.5));
      if (twin && isKept) return twin[i] ?? null;
      if (twin && name === source.timestampColumn) return this.#besideTwin(source, twin);
      if (isKey) return random.chance(0.04) ? null : (key[joinKey] ?? null);
      if (name === 'c') return this.#created(source, moment.t, eventTime);
      if (name !== source.timestampColumn) return randomValue(random, type, options);
      return eventTime === null ? null : this.#timestamp(source, eventTime);
    });
  }

  /** Mostly its event time; where sessions are asked for often exactly one gap before or after it. */
  #besideTwin(source: SourceDefinition, twin: JsonRow): Json {
    const { random } = this;
    const views = this.definitions.featureViews.filter((view) => view.source === source.name);
    const gaps = views.flatMap(({ features }) => features.flatMap(({ gap }) => (gap === undefined ? [] : [gap])));
    const former = instantIn(source, twin, source.timestampColumn);
    const isMoved = gaps.length > 0 && random.chance(0.5);
    if (former === null || !isMoved) return twin[Object.keys(source.columns).indexOf(source.timestampColumn)] ?? null;
    return this.#timestamp(source, former + parseDuration(random.pick(gaps)) * random.pick([1n, -1n]));
  }

  #timestamp({ timestampUnit }: SourceDefinition, eventTime: bigint): Json {
    return timestampUnit ? numericInstant(eventTime, timestampUnit) : instantText(this.random, eventTime);
  }

  #eventTime(source: SourceDefinition, t: bigint): bigint {
    const { random } = this;
    const view = this.#viewOf(source);
    const edges = eventTimeEdges(view, t);
    if (random.chance(0.1)) return t - random.micros(this.span) / 2n;
    if (random.chance(0.75)) return random.pick(edges) + random.pick([0n, 0n, 0n, 1n, -1n]);
    if (view.kind === 'label') return t + random.micros(random.pick(edges) - t + SECOND);
    const end = effectiveTime(view, t);
    return end - random.micros(end - random.pick(edges) + SECOND); // inside of a window or age
  }

  #created(source: SourceDefinition, t: bigint, eventTime: bigint | null): Json {
    const { random } = this;
    if (random.chance(0.12)) return null;
    const base = random.chance(0.5) ? createdLimit(this.#viewOf(source), t) : (eventTime ?? t);
    const late = random.chance(0.3) ? random.micros(this.span) / 4n : random.pick([0n, 0n, 1n, -1n]);
    return instantText(random, base + late);
  }

  #viewOf(source: SourceDefinition): ViewDefinition {
    const views = this.definitions.featureViews.filter((view) => view.source === source.name);
    return this.random.pick(views.length > 0 ? views : this.definitions.featureViews);
  }
}
