// YAML and JSON definition files. Both go through the YAML parser, which knows where every value stands, keeps the digits
// of integers and sees duplicate keys; JSON must be strict JSON as well.
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { MistakePath } from '../contract-mistakes.ts';
import type { Mistakes, Place, Position } from './mistakes.ts';
import { type RawDefinition, splitDefinitions } from './raw-definitions.ts';

export async function readTextDefinitions(path: string, place: Place, mistakes: Mistakes): Promise<RawDefinition[]> {
  const text = await readFile(path, 'utf8');
  return parseTextDefinitions(text, extname(path) === '.json' ? 'json' : 'yaml', place, mistakes);
}

export function parseTextDefinitions(
  text: string,
  format: 'json' | 'yaml',
  place: Place,
  mistakes: Mistakes,
): RawDefinition[] {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    intAsBigInt: true,
    prettyErrors: false,
    schema: format === 'json' ? 'json' : 'core',
  });
  const before = mistakes.count;
  if (format === 'json' && !isStrictJson(text, place, mistakes)) return [];
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    const expected = error.code === 'DUPLICATE_KEY' ? 'every key once' : `well-formed ${format.toUpperCase()}`;
    mistakes.add({ ...place, locate: () => ({ line, column: col }) }, error.message, expected);
  }
  for (const { source, range } of unresolvedAliases(document)) {
    const { line, col } = lines.linePos(range?.[0] ?? 0);
    const found = `the alias *${source} without an anchor &${source} before it`;
    mistakes.add({ ...place, locate: () => ({ line, column: col }) }, found, 'well-formed YAML');
  }
  if (mistakes.count > before) return [];
  const value = toValue(document, place, mistakes);
  return splitDefinitions(value, { ...place, locate: (inner) => locate(document, lines, inner) }, mistakes);
}

function unresolvedAliases(document: Document): Alias[] {
  const found: Alias[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) found.push(alias);
    },
  });
  return found;
}

/** Too many aliases of aliases are found only here. */
function toValue(document: Document, place: Place, mistakes: Mistakes): unknown {
  try {
    return withNumbers(document.toJS({ maxAliasCount: 1000 }));
  } catch (error) {
    mistakes.add(place, error instanceof Error ? error.message : String(error), 'well-formed YAML');
    return null;
  }
}

/** Integers that a double holds exactly become numbers again; others stay bigint. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNumbers(inner)]));
}

function isStrictJson(text: string, place: Place, mistakes: Mistakes): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = jsonPosition(text, message);
    mistakes.add(
      { ...place, locate: () => position },
      message.replace(/ in JSON at position .*| \(line .*/s, ''),
      'well-formed JSON',
    );
    return false;
  }
}

function jsonPosition(text: string, message: string): Position {
  const offset = /at position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, offset === undefined ? text.length : Number(offset)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Line and column of a key, or of the nearest thing around it that exists. */
function locate(document: Document, lines: LineCounter, path: MistakePath): Position | null {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const key of path) {
    const step = stepInto(isAlias(node) ? node.resolve(document) : node, key);
    if (step === null) break;
    offset = step.offset ?? offset;
    node = step.node;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function stepInto(
  node: unknown,
  key: string | number,
): { readonly node: unknown; readonly offset: number | null } | null {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? null : { node: item, offset: offsetOf(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((candidate) => isScalar(candidate.key) && String(candidate.key.value) === String(key));
  return pair === undefined ? null : { node: pair.value, offset: offsetOf(pair.key) };
}

const offsetOf = (node: unknown): number | null => (isNode(node) ? (node.range?.[0] ?? null) : null);
const isNode = (node: unknown): node is Node => isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
