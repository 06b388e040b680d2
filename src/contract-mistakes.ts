// What a zod contract refuses, told as mistakes: where, what was found, what was expected, the nearest valid name. The
// contracts' own error texts are the `expected` part.
import { z } from 'zod';
import { beginningOf } from './beginning.ts';
import { nearestName, oneOf } from './nearest.ts';

export type MistakePath = readonly (string | number)[];

export interface ContractMistake {
  readonly kind: 'unknown_key' | 'value';
  readonly path: MistakePath;
  readonly found: string;
  readonly expected: string;
  readonly nearest: string | null;
}

export type ContractResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly ContractMistake[] };

type Issue = z.core.$ZodIssue;

/** Parses; every mistake is reported, in the order of the contract's keys. */
export function parseContract<T>(schema: z.ZodType<T>, value: unknown): ContractResult<T> {
  const result = schema.safeParse(value, { error: expectedText });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, mistakes: result.error.issues.flatMap((issue) => toMistakes(issue, schema, value, [])) };
}

/** Keys whose values are not shown. */
const SECRETS = ['password', 'notify.url'];

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The expected part where a contract states none itself. */
function expectedText(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return NOUNS[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String));
  if (issue.code === 'invalid_union' && Array.isArray(issue.options)) return oneOf(issue.options.map(String));
  return 'a valid value';
}

function toMistakes(issue: Issue, schema: unknown, root: unknown, prefix: MistakePath): ContractMistake[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, schema, root));
  if (issue.code === 'invalid_union') {
    const unfinished = unfinishedBranches(issue.errors, valueAt(root, path));
    if (unfinished !== null)
      return [{ kind: 'value', path, found: show(valueAt(root, path)), expected: unfinished, nearest: null }];
    const branch = likeliestBranch(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => toMistakes(inner, schema, root, path));
  }
  if (issue.code === 'invalid_key')
    return [{ kind: 'value', path, found: `the key ${show(path.at(-1))}`, expected: keyText(issue), nearest: null }];
  const found = valueAt(root, path);
  const isSecret = found !== undefined && SECRETS.some((secret) => path.join('.').endsWith(secret));
  return [
    {
      kind: 'value',
      path,
      found: isSecret ? 'what is not shown' : show(found),
      expected: expectedOf(issue, schema, root, path),
      nearest: nearestOf(issue, found),
    },
  ];
}

/** The message names the keys of an object: somebody who writes `retention: 30d` means one of them. */
function expectedOf(issue: Issue, schema: unknown, root: unknown, path: MistakePath): string {
  if (issue.code !== 'invalid_type' || issue.message !== NOUNS.object) return issue.message;
  const keys = validKeys(schema, root, path);
  return keys.length === 0 ? issue.message : `${issue.message} with ${oneOf(keys)}`;
}

const keyText = (issue: Extract<Issue, { code: 'invalid_key' }>): string => issue.issues[0]?.message ?? issue.message;

/** Of a union's branches one whose type was met, so that only its details were wrong: that which knows most of the keys. */
const likeliestBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | null =>
  branches
    .filter((issues) => !issues.some((issue) => issue.path.length === 0 && MISSED.has(issue.code)))
    .toSorted((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)[0] ?? null;

/** Of the object itself, not of what lies in it. */
const unknownKeys = (issues: readonly Issue[]): number =>
  issues.reduce(
    (all, issue) => all + (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys.length : 0),
    0,
  );

const MISSED: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value']);

/** Several branches that know every key of the object, and only lack some: which ones each of them lacks. null: not so. */
function unfinishedBranches(branches: readonly (readonly Issue[])[], value: unknown): string | null {
  const lacking = branches.flatMap((issues) => {
    const keys = issues.map(({ path: [key, ...rest], code }) =>
      code === 'invalid_type' && rest.length === 0 && typeof key === 'string' && valueAt(value, [key]) === undefined
        ? key
        : null,
    );
    return keys.every((key) => key !== null) ? [keys] : [];
  });
  // An object without keys lacks those of every branch: no branch was begun.
  if (lacking.length < 2 || lacking.length === branches.length) return null;
  return `also ${lacking.map(allOf).join(', or ')}`;
}

const allOf = (keys: readonly string[]): string =>
  keys.length < 2 ? keys.join() : `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`;

function unknownKey(key: string, path: MistakePath, schema: unknown, root: unknown): ContractMistake {
  const valid = validKeys(schema, root, path);
  return {
    kind: 'unknown_key',
    path: [...path, key],
    found: `the unknown key ${show(key)}`,
    expected: oneOf(valid),
    nearest: nearestName(key, valid),
  };
}

function nearestOf(issue: Issue, found: unknown): string | null {
  if (typeof found !== 'string') return null;
  if (issue.code === 'invalid_value') return nearestName(found, issue.values.map(String));
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return nearestName(found, issue.options.map(String));
  const candidates: unknown = issue.code === 'custom' ? issue.params?.candidates : undefined;
  return Array.isArray(candidates) ? nearestName(found, candidates.map(String)) : null;
}

/** The keys that the object at `path` may have: walks the contract along the value. */
function validKeys(schema: unknown, value: unknown, path: MistakePath): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion)
    return [...new Set(inner.options.flatMap((option) => validKeysOfBranch(option, value, path)))];
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(inner.shape);
    return validKeys(inner.shape[key], valueAt(value, [key]), rest);
  }
  return inner instanceof z.ZodArray && key !== undefined ? validKeys(inner.element, valueAt(value, [key]), rest) : [];
}

/** Branches told apart by `kind` count only where theirs is the value's. */
function validKeysOfBranch(option: unknown, value: unknown, path: MistakePath): string[] {
  const kind = option instanceof z.ZodObject ? option.shape.kind : undefined;
  const wrongKind = kind instanceof z.ZodLiteral && !kind.safeParse(valueAt(value, ['kind'])).success;
  return wrongKind ? [] : validKeys(option, value, path);
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

function valueAt(value: unknown, path: MistakePath): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

const MOST_CHARACTERS = 60;
/** User and password in an address. */
const CREDENTIALS = /\/\/[^\s"]*@/g;

/** A value as found, short: JSON, `nothing` where there is none. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = (toText(value) ?? `a ${typeof value}`).replaceAll(CREDENTIALS, '//***@');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** Undefined for functions, symbols and cyclic objects. */
function toText(value: unknown): string | undefined {
  try {
    return JSON.stringify(beginningOf(value), (key, inner) => (key === 'password' ? '***' : inner));
  } catch {
    return undefined;
  }
}

/** `featureViews[2].features[0].window`. */
export function formatPath(path: MistakePath): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[\w$-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return parts.join('').replace(/^\./, '');
}
