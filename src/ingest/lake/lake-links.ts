// The lake of a stream, per partition: one numbered sequence of links, each an object that is put if it is absent, so of many who
// want to add the next one, one does.
//
//   lake/<source>/<partition>/links/<number, 8 digits>.json
//   lake/<source>/<partition>/parts/<epoch>-<from>-<next>-<random>.parquet
//
// A link adds a part (append), puts one in the place of several (compact), or removes some (trim). Every 100th link is a full list
// of the parts, so that nobody has to read more than a hundred of them. What no link names does not exist.
import { z } from 'zod';
import { PlumbError } from '../../../schemas/errors.ts';
import { jsonOrNull } from '../../json-or-null.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Partition } from '../event-log.ts';

export const LAKE_FOLDER = 'lake/';
export const LIST_EVERY = 100;
const FORMAT = 1;

export interface LakePart {
  readonly key: string;
  /** Of the log that its events are of. */
  readonly epoch: string;
  /** The offset of its first event, and the one behind its last. */
  readonly from: bigint;
  readonly next: bigint;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Append times of its first and its last event. */
  readonly firstAppendMicros: bigint;
  readonly lastAppendMicros: bigint;
}

/** Where the lake ends: the log's next event that is not in it. */
export interface LakeEnd {
  readonly epoch: string;
  readonly next: bigint;
}

export interface LakeState {
  /** Of the last link; 0: there is none. */
  readonly number: number;
  /** null: nothing was ever added. */
  readonly end: LakeEnd | null;
  readonly parts: readonly LakePart[];
}

export type LakeLink =
  | { readonly kind: 'append'; readonly part: LakePart }
  | { readonly kind: 'compact'; readonly part: LakePart; readonly replaces: readonly string[] }
  | { readonly kind: 'trim'; readonly removes: readonly string[] }
  | { readonly kind: 'list'; readonly end: LakeEnd; readonly parts: readonly LakePart[] };

const offset = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const end = z.strictObject({ epoch: z.string(), next: offset });
const part = z.strictObject({
  ...{ key: z.string(), epoch: z.string(), from: offset, next: offset },
  ...{ rows: z.int(), sizeBytes: z.int(), sha256: z.string() },
  ...{ firstAppendMicros: offset, lastAppendMicros: offset },
});
const linkContract = z.discriminatedUnion('kind', [
  z.strictObject({ format: z.literal(FORMAT), kind: z.literal('append'), part }),
  z.strictObject({ format: z.literal(FORMAT), kind: z.literal('compact'), part, replaces: z.array(z.string()) }),
  z.strictObject({ format: z.literal(FORMAT), kind: z.literal('trim'), removes: z.array(z.string()) }),
  z.strictObject({ format: z.literal(FORMAT), kind: z.literal('list'), end, parts: z.array(part) }),
]);

/** Names of sources are names of folders. */
export const lakeFolder = ({ source, partition }: Partition): string => `${LAKE_FOLDER}${source}/${partition}/`;
const linksFolder = (partition: Partition): string => `${lakeFolder(partition)}links/`;
const linkKey = (partition: Partition, number: number): string =>
  `${linksFolder(partition)}${String(number).padStart(8, '0')}.json`;

export async function readLake(store: ObjectStore, partition: Partition): Promise<LakeState> {
  const numbers = (await store.list(linksFolder(partition)))
    .map(({ key }) => Number(/(\d{8})\.json$/.exec(key)?.[1] ?? 0))
    .filter((number) => number > 0);
  const last = numbers.at(-1) ?? 0;
  const first = Math.max(1, last - (last % LIST_EVERY));
  let state: LakeState = { number: last, end: null, parts: [] };
  for (let number = first; number <= last; number += 1) state = added(state, await readLink(store, partition, number));
  return state;
}

/** False where another link has that number: the lake is not what `state` says any more. */
export async function addLink(
  store: ObjectStore,
  partition: Partition,
  { number, link }: { readonly number: number; readonly link: LakeLink },
): Promise<boolean> {
  const text = JSON.stringify({ format: FORMAT, ...link }, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return await store.putIfAbsent(linkKey(partition, number), Buffer.from(`${text}\n`));
}

async function readLink(store: ObjectStore, partition: Partition, number: number): Promise<LakeLink> {
  const key = linkKey(partition, number);
  const bytes = await store.get(key);
  const parsed = linkContract.safeParse(bytes === null ? null : jsonOrNull(bytes));
  if (parsed.success) return parsed.data;
  const message = `link ${key} of the lake is ${bytes === null ? 'gone' : 'damaged, or of a newer format'}`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { source: partition.source, key } });
}

function added(state: LakeState, link: LakeLink): LakeState {
  const { parts } = state;
  if (link.kind === 'list') return { ...state, end: link.end, parts: link.parts };
  if (link.kind === 'trim') return { ...state, parts: parts.filter(({ key }) => !link.removes.includes(key)) };
  const { part } = link;
  if (link.kind === 'append') return { ...state, end: { epoch: part.epoch, next: part.next }, parts: [...parts, part] };
  const place = parts.findIndex(({ key }) => link.replaces.includes(key));
  const others = parts.filter(({ key }) => !link.replaces.includes(key));
  return { ...state, parts: others.toSpliced(Math.max(0, place), 0, part) };
}
