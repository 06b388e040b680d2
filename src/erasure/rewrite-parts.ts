// Parts without erased rows. New parts have new names; they count once the manifest names them, and the old ones go after that.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '../failpoint.ts';
import { adoptParts, describePart } from '../offline/finished-parts.ts';
import { canonicalJson, type ErasedNote, MANIFEST_FILE, type PartInfo } from '../offline/manifest.ts';
import type { ErasedRole } from '../offline/part-erasing.ts';
import { fileUri } from '../storage/location.ts';
import type { Erasing } from './erasing.ts';

export interface Rewritten {
  readonly parts: number;
  readonly rows: number;
  /** Of the parts, before. */
  readonly bytes: number;
}

export const NO_PARTS: Rewritten = { parts: 0, rows: 0, bytes: 0 };

export const sumOf = (all: readonly Rewritten[]): Rewritten =>
  all.reduce(
    (sum, { parts, rows, bytes }) => ({
      parts: sum.parts + parts,
      rows: sum.rows + rows,
      bytes: sum.bytes + bytes,
    }),
    NO_PARTS,
  );

/** What an earlier attempt of this erasure did to the manifest; null: nothing. */
export function doneBefore({ erasure }: Erasing, note: ErasedNote | undefined): Rewritten | null {
  const done = note?.by.find((one) => one.erasure === erasure.id);
  return done === undefined ? null : { parts: done.parts, rows: done.rows, bytes: done.sizeBytes };
}

/** `by` has the erasures that are pending alone; what others took out is in the sum. */
export const noteOf = ({ erasure, pending }: Erasing, before: ErasedNote | undefined, now: Rewritten): ErasedNote => ({
  rows: (before?.rows ?? 0) + now.rows,
  by: [
    ...(before?.by ?? []).filter((one) => one.erasure !== erasure.id && pending.has(one.erasure)),
    { erasure: erasure.id, parts: now.parts, rows: now.rows, sizeBytes: now.bytes },
  ],
});

export interface PartsOf {
  /** Ends in `/`. */
  readonly folder: string;
  readonly parts: readonly PartInfo[];
  readonly roles: readonly ErasedRole[];
  /** Whether a part without rows stays, because readers need its columns. */
  readonly keepsEmpty: boolean;
}

export interface CleanedParts extends Rewritten {
  /** In the order of those before. */
  readonly cleaned: readonly PartInfo[];
}

/** In a dry run nothing is written, and the parts are those that there are. */
export async function cleanParts(erasing: Erasing, of: PartsOf): Promise<CleanedParts> {
  const cleaned: PartInfo[] = [];
  const touched: Rewritten[] = [];
  for (const part of of.parts) {
    const rows = await erasedRowsOf(erasing, of, part);
    if (rows > 0) touched.push({ parts: 1, rows, bytes: part.sizeBytes });
    if (rows === 0 || erasing.dryRun) cleaned.push(part);
    else if (rows < part.rows || of.keepsEmpty) cleaned.push(await rewritten(erasing, of, part));
  }
  return { cleaned, ...sumOf(touched) };
}

async function erasedRowsOf(erasing: Erasing, { folder, roles }: PartsOf, { path, rows }: PartInfo): Promise<number> {
  if (rows === 0 || roles.every(({ keys }) => keys.length === 0)) return 0;
  const uri = fileUri(await erasing.store.localPath(`${folder}${path}`));
  return (await erasing.engine.findErased(uri, { ...jobOf(erasing, roles), tell: [] })).rows;
}

export const jobOf = ({ folder, signal }: Erasing, roles: readonly ErasedRole[]) => ({
  roles,
  folder: fileUri(folder),
  signal,
});

/** What the names of a part and of all that it was rewritten to have in common. */
export const rootOfPart = (path: string): string => path.replace(/(-e[0-9a-f]{8})?\.parquet$/, '');

async function rewritten(erasing: Erasing, { folder, roles }: PartsOf, { path }: PartInfo): Promise<PartInfo> {
  const { store, engine } = erasing;
  const name = `${rootOfPart(path)}-e${randomBytes(4).toString('hex')}.parquet`;
  const localPath = join(erasing.folder, name);
  try {
    const source = fileUri(await store.localPath(`${folder}${path}`));
    const rows = await engine.writeWithout(source, fileUri(localPath), { ...jobOf(erasing, roles), tell: [] });
    const part = await describePart({ uri: fileUri(localPath), rows }, name);
    await adoptParts(store, [{ uri: fileUri(localPath), key: `${folder}${name}` }]);
    failpoint('erasure.part_written');
    return part;
  } finally {
    await rm(localPath, { force: true });
  }
}

/** Replaces the manifest, then removes what it names no more. Only for who keeps everybody else from changing it. */
export async function replaceManifest(
  { store, assertHeld }: Erasing,
  folder: string,
  { manifest, gone }: { readonly manifest: object; readonly gone: readonly PartInfo[] },
): Promise<void> {
  failpoint('erasure.before_manifest');
  await assertHeld();
  await store.put(`${folder}${MANIFEST_FILE}`, Buffer.from(canonicalJson(manifest)));
  failpoint('erasure.manifest_replaced');
  await store.delete(gone.map(({ path }) => `${folder}${path}`));
  failpoint('erasure.parts_removed');
}

export const goneOf = (before: readonly PartInfo[], after: readonly PartInfo[]): readonly PartInfo[] =>
  before.filter(({ path }) => !after.some((part) => part.path === path));
