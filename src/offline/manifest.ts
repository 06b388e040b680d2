// What all manifests share. A manifest is written last, and changed by an erasure alone: only what one names exists.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import type { Dataset } from '../../schemas/wire-types.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export const MANIFEST_FILE = 'manifest.json';

export interface PartInfo {
  /** The part's file name, beside its manifest. */
  readonly path: string;
  readonly rows: number;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What erasures took out of parts since they were written: of a run as of a training set, which is also sent over HTTP. */
export type ErasedNote = NonNullable<Dataset['erased']>;

/** The files of one source as they were when they were read. */
export interface SourceIdentities {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly identity: string }[];
}

const count = z.int().nonnegative();
const partPath = z.string().regex(/^[^/\\\0]+$/, 'expected a file name');
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
export const partsField: z.ZodType<readonly PartInfo[]> = z.array(
  z.strictObject({ path: partPath, rows: count, sizeBytes: count, sha256: sha256Text }),
);
export const erasedField: z.ZodType<ErasedNote> = z.strictObject({
  rows: count,
  by: z.array(z.strictObject({ erasure: z.string(), parts: count, rows: count, sizeBytes: count })),
});
export const sourcesField: z.ZodType<readonly SourceIdentities[]> = z.array(
  z.strictObject({
    name: z.string(),
    files: z.array(z.strictObject({ path: z.string(), sizeBytes: count, identity: z.string() })),
  }),
);

/** Streams: memory does not grow with the file. */
export const sha256OfFile = (path: string): Promise<string> => sha256OfFiles([path]);

/** As of one file that holds the bytes of all, in that order. */
export async function sha256OfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/** Names in byte order, two spaces: the same manifest is the same bytes. Integers must be safe, instants text. */
export const canonicalJson = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

/** False when there is one already; nothing is changed then. Call it after the parts were adopted. */
export function writeManifest(store: ObjectStore, folder: string, manifest: object): Promise<boolean> {
  return store.putIfAbsent(`${folder}${MANIFEST_FILE}`, Buffer.from(canonicalJson(manifest)));
}

/**
 * What stands in the place of a manifest where a folder will never have parts that count: `abandoned` where its writer
 * died or was taken for dead, `republished` for a run that put the rows of a former one online again.
 */
export type FolderEnd = 'abandoned' | 'republished';
const FOLDER_ENDS: readonly unknown[] = ['abandoned', 'republished'] satisfies FolderEnd[];

/**
 * Takes the place of the folder's manifest, so that a writer who was only paused cannot commit any more; false where the
 * place is taken. Once it stands, parts beside it may be removed; it stays.
 */
export function endFolder(store: ObjectStore, folder: string, kind: FolderEnd): Promise<boolean> {
  return store.putIfAbsent(`${folder}${MANIFEST_FILE}`, Buffer.from(canonicalJson({ kind })));
}

const isFolderEnd = (document: unknown): boolean =>
  FOLDER_ENDS.includes((document as { readonly kind?: unknown } | null)?.kind);

/** `mending`: what its owner can do about a damaged one. `folder` ends in `/`. null when there is none, or will never be one; STORAGE_CORRUPT when it is not what `contract` says. */
export async function readManifest<T>(
  store: ObjectStore,
  folder: string,
  { contract, mending }: { readonly contract: z.ZodType<T>; readonly mending: string },
): Promise<T | null> {
  const key = `${folder}${MANIFEST_FILE}`;
  const content = await store.get(key);
  if (content === null) return null;
  const document = parse(key, content, mending);
  if (isFolderEnd(document)) return null;
  const parsed = contract.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw corrupt(key, `it is not the manifest it should be (${problems.slice(0, 3).join('; ')}); ${mending}`);
}

/** Checks that every part is there with the size and the SHA-256 that its manifest says. */
export async function verifyParts(store: ObjectStore, folder: string, parts: readonly PartInfo[]): Promise<void> {
  for (const part of parts) {
    const key = `${folder}${part.path}`;
    await requireWholePart(await store.localPath(key), key, part);
  }
}

/** `file`: the part of that key, or a copy of it. */
export async function requireWholePart(file: string, key: string, { sizeBytes, sha256 }: PartInfo): Promise<void> {
  const { size } = await stat(file);
  if (size !== sizeBytes) throw corrupt(key, `found ${size} bytes, expected ${sizeBytes}`);
  const found = await sha256OfFile(file);
  if (found !== sha256) throw corrupt(key, `found SHA-256 ${found}, expected ${sha256}`);
}

/** Parts that are not there with the size that their manifest says, as sentences; their content is not looked at. */
export async function missingParts(
  store: ObjectStore,
  folder: string,
  { parts, mending }: { readonly parts: readonly PartInfo[]; readonly mending: string },
): Promise<readonly string[]> {
  const sizes = new Map((await store.list(folder)).map(({ key, sizeBytes }) => [key, sizeBytes]));
  return parts.flatMap(({ path, sizeBytes }) => {
    const [key, found] = [`${folder}${path}`, sizes.get(`${folder}${path}`)];
    if (found === sizeBytes) return [];
    const what = found === undefined ? 'is missing' : `is damaged: found ${found} bytes, expected ${sizeBytes}`;
    return [`the stored object ${key} ${what}; ${mending}`];
  });
}

function parse(key: string, content: Uint8Array, mending: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw corrupt(key, `it is not JSON; ${mending}`, cause);
  }
}

function corrupt(key: string, problem: string, cause?: unknown): PlumbError {
  return new PlumbError('STORAGE_CORRUPT', `the stored object ${key} is damaged: ${problem}`, {
    details: { key },
    cause,
  });
}
