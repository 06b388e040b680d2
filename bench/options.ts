// What `npm run bench` takes on its command line.
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const PIECES = [
  'training-uniform',
  'training-hot',
  'scaling',
  'materialize',
  'lookup',
  'answers',
  'serving',
  'workers',
  'sdk',
  's3',
  'failover',
  'continuous',
  'feast',
] as const;
export type Piece = (typeof PIECES)[number];
export const STORES = ['lmdb', 'redis'] as const;
export type Store = (typeof STORES)[number];

export interface Options {
  readonly pieces: readonly Piece[];
  /** Small sizes and one run of each: shows that the benches work, measures nothing. */
  readonly quick: boolean;
  readonly events: number;
  readonly labels: number;
  readonly keys: number;
  /** Event counts of the scaling bench. */
  readonly scale: readonly number[];
  /** Rows of the materialization, one per key, and of the snapshot that the SDK reads; entries of the continuous bench's fill. */
  readonly rows: number;
  /** The online store of materializations and lookups. */
  readonly store: Store;
  /** Of wrk: connections, and how long each load lasts. */
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  /** Of the training benches; null: all. What is left out can be measured at another time. */
  readonly refreshes: readonly string[] | null;
  readonly contenders: readonly string[] | null;
  /** Of the serving bench, by name or first word; of the continuous bench, its parts; null: all. */
  readonly cases: readonly string[] | null;
  /** Runs of each measurement that is fast enough to be repeated. */
  readonly runs: number;
  readonly timeoutSeconds: number;
  /** Of the engine, in Plumb and in the baselines alike. */
  readonly memory: string;
  readonly threads: number;
  /** Generated data is kept here for the next time. */
  readonly dataFolder: string;
  readonly resultsFolder: string;
}

export const USAGE = `npm run bench -- [options]
  --only PIECE[,PIECE]  ${PIECES.join(', ')} (default: all
                        but feast, which installs Feast from PyPI)
  --refresh NAME,…      of the training benches: continuous, hourly (default: both)
  --contenders NAME,…   plumb, range-join, sorted-window, tiles (default: all); named in the results file
  --cases NAME,…        of serving and workers: such as mixed-1, or mixed for all counts of entities (default: all);
                        of continuous: lookups, bytes, fill, training (default: all)
  --quick               small sizes, one run each; results are not kept unless --results is given
  --events N --labels N --keys N --rows N --scale N,N,… --seed N --runs N
  --store lmdb|redis    of materialize, serving, workers and continuous (lmdb); redis starts a redis-server of its own
  --connections N       of wrk (16)
  --seconds N           how long each load by wrk lasts (5), after a quarter of it to warm up
  --timeout SECONDS     a run that takes longer is ended and reported so (600)
  --memory SIZE         memory limit of the engines (8GiB)
  --threads N           threads of the engines (default: all cores)
  --data FOLDER         keeps generated data (default: plumb-bench in the folder for temporary files)
  --results FOLDER      bench/results`;

const SIZES = { events: 10_000_000, labels: 1_000_000, keys: 100_000, rows: 1_000_000 } as const;
const QUICK_SIZES = { events: 20_000, labels: 2_000, keys: 200, rows: 2_000 } as const;

export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      quick: { type: 'boolean', default: false },
      events: text,
      labels: text,
      keys: text,
      rows: text,
      scale: text,
      store: text,
      connections: text,
      seconds: text,
      seed: text,
      refresh: text,
      contenders: text,
      cases: text,
      runs: text,
      timeout: text,
      memory: text,
      threads: text,
      data: text,
      results: text,
    },
  });
  const sizes = values.quick ? QUICK_SIZES : SIZES;
  const scale = values.quick ? [5_000, 20_000] : [1_000_000, 3_000_000, 10_000_000, 30_000_000];
  return {
    pieces:
      values.only === undefined
        ? PIECES.filter((name) => name !== 'feast')
        : values.only.split(',').map((name) => requireOne('--only', PIECES, name)),
    quick: values.quick,
    events: count(values.events, sizes.events),
    labels: count(values.labels, sizes.labels),
    keys: count(values.keys, sizes.keys),
    rows: count(values.rows, sizes.rows),
    scale: values.scale?.split(',').map((part) => count(part, 0)) ?? scale,
    store: values.store === undefined ? 'lmdb' : requireOne('--store', STORES, values.store),
    connections: count(values.connections, 16),
    seconds: count(values.seconds, values.quick ? 1 : 5),
    seed: count(values.seed, 1),
    refreshes: values.refresh?.split(',') ?? null,
    contenders: values.contenders?.split(',') ?? null,
    cases: values.cases?.split(',') ?? null,
    runs: count(values.runs, values.quick ? 1 : 3),
    timeoutSeconds: count(values.timeout, 600),
    memory: values.memory ?? (values.quick ? '1GiB' : '8GiB'),
    threads: count(values.threads, availableParallelism()),
    dataFolder: resolve(values.data ?? join(tmpdir(), 'plumb-bench')),
    resultsFolder: resolve(values.results ?? join(import.meta.dirname, 'results')),
  };
}

function requireOne<T extends string>(option: string, names: readonly T[], name: string): T {
  const found = names.find((candidate) => candidate === name);
  if (found === undefined) throw new Error(`${option}: found ${name}, expected ${names.join(', ')}`);
  return found;
}

/** `10000000`, `10_000_000` or `10e6`. */
function count(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`found ${text}, expected a whole number`);
  return value;
}
