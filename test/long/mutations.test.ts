// A test of the tests: every bound in the compiled SQL is made wrong by the least amount, and random worlds must notice.
// Only here SQL is rewritten on its way to the engine; the engine itself knows nothing of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import type { FeatureDefinition, ViewDefinition } from '../oracle/world.ts';
import { onlineMismatch } from '../property/online-trial.ts';
import { trainingTrial } from '../property/training-trial.ts';
import { chosenWorlds } from '../property/worlds.ts';
import { BOUNDS, type Bound, boundsIn, mutated, unknownComparisons } from './bounds.ts';
import { withLateRows } from './late-rows.ts';

/** Worlds in which the bound occurs that may pass before one notices. */
const PATIENCE = 400;
/** Seeds that are looked through for worlds in which a bound occurs: until the first one, and in all. */
const SCANNED = 400;
const SEEDS = 4000;

type Kind = Bound['shownBy'];
interface Source {
  readonly world: (seed: number) => RandomWorld | undefined;
  readonly mismatch: (world: RandomWorld) => Promise<string | undefined>;
}

const lookups = (format: 'jsonl' | 'parquet') => (world: RandomWorld) =>
  onlineMismatch(world, { store: 'memory', format, repeats: false, goesOnFromSnapshot: false, answersOnly: true });
const scheduled = (seed: number): RandomWorld => randomWorld(seed, { level: 1, maxViews: 2 });
const late = (seed: number): RandomWorld | undefined => withLateRows(randomWorld(seed, { level: 1, maxViews: 1 }));

/** Worlds whose int inputs can overflow row by row. */
function fallible(seed: number): RandomWorld | undefined {
  const world = trainingTrial.world(seed);
  const { definitions } = world;
  const widened = ({ column, ...feature }: FeatureDefinition): FeatureDefinition =>
    column === 'i' ? { ...feature, expression: 'i + 1' } : { ...feature, ...(column === undefined ? {} : { column }) };
  const isMeant = (view: ViewDefinition): boolean =>
    view.kind === 'aggregate' &&
    view.visibleFrom !== 'created_time' &&
    view.features.some(({ column }) => column === 'i');
  if (!definitions.featureViews.some(isMeant)) return undefined;
  const featureViews = definitions.featureViews.map((view) =>
    isMeant(view) ? { ...view, features: view.features.map(widened) } : view,
  );
  return { ...world, definitions: { ...definitions, featureViews } };
}

/** Small worlds: of many rows some lies between the one that is a gap before the end and the end. */
function sessions(seed: number): RandomWorld | undefined {
  const world = randomWorld(seed, { maxViews: 1, maxRows: 12 });
  const features = world.definitions.featureViews.flatMap((view) => view.features);
  return features.some(({ aggregate }) => SHOW_GAPS.includes(aggregate ?? '')) ? world : undefined;
}
const SHOW_GAPS = ['session_seconds_mean', 'session_open_events'];

const SOURCES: Readonly<Record<Kind, Source>> = {
  training: { world: (seed) => trainingTrial.world(seed), mismatch: (world) => trainingTrial.mismatch(world) },
  sessions: { world: sessions, mismatch: (world) => trainingTrial.mismatch(world) },
  'failing rows': { world: fallible, mismatch: (world) => trainingTrial.mismatch(world) },
  online: { world: scheduled, mismatch: lookups('jsonl') },
  'late rows': { world: late, mismatch: lookups('jsonl') },
  'late rows in parquet': { world: late, mismatch: lookups('parquet') },
};

type Rewrite = (sql: string) => string;
const METHODS = ['run', 'rows', 'chunks'] as const;
const original = Object.fromEntries(METHODS.map((name) => [name, DuckdbSession.prototype[name]]));

let rewrite: Rewrite = (sql) => sql;

function intercept(): void {
  for (const name of METHODS) {
    const method = original[name] as (this: DuckdbSession, sql: string) => unknown;
    Object.defineProperty(DuckdbSession.prototype, name, {
      configurable: true,
      writable: true,
      value(this: DuckdbSession, sql: string) {
        return method.call(this, rewrite(sql));
      },
    });
  }
}

function restore(): void {
  for (const name of METHODS) {
    Object.defineProperty(DuckdbSession.prototype, name, { configurable: true, writable: true, value: original[name] });
  }
}

const { first } = chosenWorlds(0);

/** Of each kind and seed that was scanned, the bounds that occur: a world without the bound need not be tried. */
const scanned = new Map<string, Set<Bound>>();

const isTried = (bound: Bound, seed: number): boolean => scanned.get(`${bound.shownBy} ${seed}`)?.has(bound) ?? true;

describe(`mutations of bounds, seeds from ${first}`, () => {
  before(intercept);
  after(restore);

  test('every comparison in the SQL is a known bound, or known to be none; every known bound occurs', async () => {
    const unknown = new Set<string>();
    const occurring = new Set<Bound>();
    let here = new Set<Bound>();
    rewrite = (sql) => {
      for (const text of unknownComparisons(sql)) unknown.add(text);
      for (const found of boundsIn(sql)) here.add(found);
      return sql;
    };
    const isMissing = (kind: string) => BOUNDS.some((one) => one.shownBy === kind && !occurring.has(one));
    for (const [kind, { world, mismatch }] of Object.entries(SOURCES)) {
      for (let seed = first; seed < first + 40 || (seed < first + SCANNED && isMissing(kind)); seed++) {
        const one = world(seed);
        here = new Set();
        if (one !== undefined) assert.equal(await mismatch(one), undefined, `${kind}, seed ${seed}, without mutation`);
        scanned.set(`${kind} ${seed}`, here);
        for (const found of here) occurring.add(found);
      }
    }
    assert.deepEqual([...unknown], []);
    assert.deepEqual(
      BOUNDS.filter((one) => !occurring.has(one)).map(({ name }) => name),
      [],
    );
  });

  for (const bound of BOUNDS) {
    test(`${bound.name}: ${bound.pattern.source} → ${bound.replacement}`, async (t) => {
      const { world, mismatch } = SOURCES[bound.shownBy];
      let isMet = false;
      rewrite = (sql) => {
        const other = mutated(sql, bound);
        isMet ||= other !== sql;
        return other;
      };
      let met = 0;
      for (let seed = first; seed < first + (met === 0 ? SCANNED : SEEDS) && met < PATIENCE; seed++) {
        const one = isTried(bound, seed) ? world(seed) : undefined;
        isMet = false;
        if (one === undefined) continue;
        const found = await mismatch(one);
        if (isMet) met += 1;
        if (found === undefined) continue;
        assert.ok(isMet, `seed ${seed} differs without the mutation: ${found}`);
        t.diagnostic(`noticed by world ${met} that has it (seed ${seed}): ${found.slice(0, 120)}`);
        return;
      }
      assert.fail(`${met} worlds that have it noticed nothing`);
    });
  }
});
