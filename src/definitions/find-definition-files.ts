// Finds definition files below a folder, in byte order of their paths. Symbolic links are never followed: what a link
// inside the folder points to is found by itself, and one that leads out of it is a mistake.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Mistakes, Place } from './mistakes.ts';

export const TEXT_ENDINGS = ['.yaml', '.yml', '.json'];
export const MODULE_ENDINGS = ['.ts', '.mts', '.js', '.mjs'];
const ENDINGS = [...TEXT_ENDINGS, ...MODULE_ENDINGS];

const isDefinitionFile = (path: string): boolean =>
  ENDINGS.includes(extname(path)) && !/\.(d|test|spec)\.[cm]?[jt]s$/.test(path);
const isSkippedFolder = (name: string): boolean => name === 'node_modules' || name.startsWith('.');

/** `root` is a folder or one file. Paths in the answer are real paths. */
export async function findDefinitionFiles(
  root: string,
  placeOf: (path: string) => Place,
  mistakes: Mistakes,
): Promise<string[]> {
  const kind = await stat(root).catch(() => null);
  if (kind === null) {
    mistakes.add(placeOf(root), 'nothing at this path', 'a folder of definition files, or one file');
    return [];
  }
  const realRoot = await realpath(root);
  if (!kind.isDirectory()) return [realRoot];
  const files = await walk(realRoot, realRoot, placeOf, mistakes);
  if (files.length === 0) mistakes.add(placeOf(root), 'no definition files', `files ending in ${ENDINGS.join(' ')}`);
  return files;
}

async function walk(
  folder: string,
  root: string,
  placeOf: (path: string) => Place,
  mistakes: Mistakes,
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => error);
  if (entries instanceof Error) {
    mistakes.add(placeOf(folder), entries.message, 'a folder that can be read');
    return [];
  }
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    found.push(...(await filesOf(entry, join(folder, entry.name), root, placeOf, mistakes)));
  return found;
}

async function filesOf(
  entry: Dirent,
  path: string,
  root: string,
  placeOf: (path: string) => Place,
  mistakes: Mistakes,
): Promise<string[]> {
  if (entry.isSymbolicLink()) {
    if (!isSkippedFolder(entry.name)) await refuseLinkOutside(path, root, placeOf, mistakes);
    return [];
  }
  if (entry.isDirectory()) return isSkippedFolder(entry.name) ? [] : walk(path, root, placeOf, mistakes);
  return entry.isFile() && isDefinitionFile(path) ? [path] : [];
}

async function refuseLinkOutside(
  path: string,
  root: string,
  placeOf: (path: string) => Place,
  mistakes: Mistakes,
): Promise<void> {
  const target = await realpath(path).catch(() => null);
  if (target !== null && (target === root || target.startsWith(root + sep))) return;
  const found = target === null ? 'a link that leads nowhere' : 'a link that leads out of the definitions folder';
  mistakes.add(placeOf(path), found, 'files and folders inside the definitions folder');
}
