// `views/<view>/<run>/manifest.json`: one run of a view. From the manifests of a chain alone, oldest first, the online
// store of the view can be rebuilt: each run's rows replace those of the same keys, each of its tombstones removes a key.
import { z } from 'zod';
import { type DataType, parseShape } from '../../schemas/types.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { totalRows } from '../storage/totals.ts';
import {
  type ErasedNote,
  erasedField,
  type PartInfo,
  partsField,
  readManifest,
  type SourceIdentities,
  sourcesField,
} from './manifest.ts';

export interface RunManifest {
  readonly kind: 'run';
  readonly project: string;
  readonly view: string;
  readonly viewKind: 'row' | 'aggregate';
  /** The token with 8 digits; also the folder under `views/<view>/`. */
  readonly run: string;
  /** Grows from run to run: rows of a lower token never replace rows of a higher one. */
  readonly token: number;
  readonly mode: 'incremental' | 'full';
  /** True where the parts hold every key of the view: a chain starts here. */
  readonly base: boolean;
  /** The runs since and including the last base, oldest first, this one last. */
  readonly chain: readonly string[];
  /** The run that was live when this one was planned; null for none. It may only be put online in its place. */
  readonly basedOn: string | null;
  readonly generation: string;
  readonly fingerprint: string;
  readonly registryVersion: number;
  /** The `T` of the run, RFC 3339, and the same instant in microseconds since 1970 (text: it may exceed 2^53). */
  readonly until: string;
  readonly untilMicros: string;
  /** The boundary e(T) of a scheduled view; null for a continuous one. */
  readonly effectiveMicros: string | null;
  /** Event times that the run read from its source, [from, to], RFC 3339; a null `from` is minus infinity. */
  readonly interval: { readonly from: string | null; readonly to: string };
  readonly startedAt: string;
  readonly createdAt: string;
  readonly sources: readonly SourceIdentities[];
  /** What the engine read of the source after pruning. */
  readonly scan: {
    readonly rows: number;
    readonly filesTotal: number;
    readonly filesScanned: number;
    readonly rowGroupsTotal: number;
    readonly rowGroupsScanned: number;
  };
  readonly keyColumns: readonly { readonly name: string; readonly type: DataType }[];
  readonly features: readonly { readonly name: string; readonly type: DataType }[];
  /** What the parts hold of each key beside it: an entry (`__entry`). Absent: the values of its features. */
  readonly records?: 'entries' | undefined;
  readonly parts: readonly PartInfo[];
  /** Keys (the key columns alone) that this run removes. */
  readonly tombstoneParts: readonly PartInfo[];
  readonly rows: number;
  readonly tombstones: number;
  /** Files that changed or went since, and that no run has looked at; absent where there are none. */
  readonly unread?: UnreadFiles | undefined;
  /** Erasures that were not done yet, and whose keys the run left out; absent where there were none. */
  readonly withoutErased?: readonly string[] | undefined;
  /** Absent: nothing was taken out of the parts. */
  readonly erased?: ErasedNote | undefined;
  /** Values served as INVALID, by feature. */
  readonly invalidValues: Readonly<Record<string, number>>;
}

/** What incremental runs left out, until a run that reads everything. */
export interface UnreadFiles {
  /** Some of them: hold rows before `before` that were never read. */
  readonly changed: readonly string[];
  /** Some of them: their rows stay. */
  readonly gone: readonly string[];
  /** Of both, all. */
  readonly total: number;
  /** RFC 3339. */
  readonly before: string;
}

const count = z.int().nonnegative();
const runName = z.string().regex(/^\d{8,}$/, 'expected 8 digits');
const microsText = z.string().regex(/^-?\d+$/, 'expected microseconds since 1970');
const dataType = z.custom<DataType>((type) => typeof type === 'string' && parseShape(type) !== null, 'expected a type');
const columns = z.array(z.strictObject({ name: z.string(), type: dataType }));

export const runManifestContract: z.ZodType<RunManifest> = z
  .strictObject({
    kind: z.literal('run'),
    project: z.string(),
    view: z.string(),
    viewKind: z.enum(['row', 'aggregate']),
    run: runName,
    token: count,
    mode: z.enum(['incremental', 'full']),
    base: z.boolean(),
    chain: z.array(runName).nonempty(),
    basedOn: runName.nullable(),
    generation: z.string(),
    fingerprint: z.string(),
    registryVersion: z.int().positive(),
    until: z.string(),
    untilMicros: microsText,
    effectiveMicros: microsText.nullable(),
    interval: z.strictObject({ from: z.string().nullable(), to: z.string() }),
    startedAt: z.string(),
    createdAt: z.string(),
    sources: sourcesField,
    scan: z.strictObject({
      rows: count,
      filesTotal: count,
      filesScanned: count,
      rowGroupsTotal: count,
      rowGroupsScanned: count,
    }),
    keyColumns: columns,
    features: columns,
    records: z.literal('entries').optional(),
    parts: partsField,
    tombstoneParts: partsField,
    rows: count,
    tombstones: count,
    unread: z
      .strictObject({ changed: z.array(z.string()), gone: z.array(z.string()), total: count, before: z.string() })
      .optional(),
    withoutErased: z.array(z.string()).optional(),
    erased: erasedField.optional(),
    invalidValues: z.record(z.string(), count),
  })
  .refine(({ rows, parts }) => rows === totalRows(parts), 'rows is not the sum of the rows of the parts')
  .refine(
    ({ tombstones, tombstoneParts }) => tombstones === totalRows(tombstoneParts),
    'tombstones is not the sum of its parts',
  )
  .refine(({ token, run }) => run === runFolderName(token), 'run is not the token with 8 digits')
  .refine(({ chain, run }) => chain.at(-1) === run, 'the chain does not end in this run')
  .refine(({ base, chain }) => base === (chain.length === 1), 'a base is the only run of its chain, a delta is not');

export const runFolderName = (token: number): string => token.toString().padStart(8, '0');

/** `views/<view>/<run>/`. */
export const runFolder = (view: string, run: string): string => `${RUNS_PREFIX}${view}/${run}/`;

export const RUNS_PREFIX = 'views/';
const RUN_KEY = /^views\/([^/]+)\/(\d{8,16})\/(.+)$/;

/** Which run has an object, and as which file of its folder; null: none. */
export function runOfKey(key: string): { readonly view: string; readonly run: string; readonly file: string } | null {
  const [, view, run, file] = RUN_KEY.exec(key) ?? [];
  return view === undefined || run === undefined || file === undefined ? null : { view, run, file };
}

/** null where the run wrote no manifest. */
export const readRunManifest = (store: ObjectStore, view: string, run: string): Promise<RunManifest | null> =>
  readManifest(store, runFolder(view, run), {
    contract: runManifestContract,
    mending: `run \`plumb materialize ${view} --full\`, which computes all of it anew`,
  });
