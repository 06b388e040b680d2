// Mistakes in definitions are collected, never thrown one by one: a user sees all of them at once.
import { PlumbError } from '../../schemas/errors.ts';
import { formatPath, type MistakePath } from '../contract-mistakes.ts';

/** One entry of `details.issues` of INVALID_DEFINITION. */
export interface Mistake {
  /** Relative to the project's folder where the file lies in it. */
  readonly file: string;
  /** From 1; null where the format has no lines (TypeScript). */
  readonly line: number | null;
  readonly column: number | null;
  /** E.g. `featureViews[2].features[0].window`; empty for the whole file. */
  readonly path: string;
  /** E.g. `feature view clicks, feature n_7d`. */
  readonly object: string | null;
  readonly found: string;
  readonly expected: string;
  readonly nearest: string | null;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a value stands; `at` goes deeper, `named` says what object it is. */
export interface Place {
  readonly file: string;
  readonly path: MistakePath;
  readonly object: string | null;
  readonly locate: (path: MistakePath) => Position | null;
}

export const at = (place: Place, ...path: MistakePath): Place => ({ ...place, path: [...place.path, ...path] });

/** The place, known to be in an object such as `feature n_7d` (of what it was known to be in before). */
export const named = (place: Place, kind: string, name: unknown): Place =>
  typeof name === 'string'
    ? { ...place, object: place.object === null ? `${kind} ${name}` : `${place.object}, ${kind} ${name}` }
    : place;

export class Mistakes {
  readonly #all: Mistake[] = [];

  get count(): number {
    return this.#all.length;
  }

  get all(): readonly Mistake[] {
    return this.#all;
  }

  add(place: Place, found: string, expected: string, nearest: string | null = null): void {
    const position = place.locate(place.path);
    this.#all.push({
      file: place.file,
      line: position?.line ?? null,
      column: position?.column ?? null,
      path: formatPath(place.path),
      object: place.object,
      found,
      expected,
      nearest,
    });
  }

  /** Rejects with INVALID_DEFINITION that tells all of them. */
  throwIfAny(): void {
    if (this.#all.length === 0) return;
    const count = this.#all.length === 1 ? '1 mistake' : `${this.#all.length} mistakes`;
    const issues = this.#all.toSorted(byPlace);
    const text = [`${count} in the definitions`, ...issues.map(paragraph)].join('\n\n');
    throw new PlumbError('INVALID_DEFINITION', text, { details: { issues } });
  }
}

function byPlace(a: Mistake, b: Mistake): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function paragraph(mistake: Mistake): string {
  const position = mistake.line === null ? '' : `:${mistake.line}:${mistake.column}`;
  const path = mistake.path === '' ? '' : ` ${mistake.path}`;
  const object = mistake.object === null ? '' : ` (${mistake.object})`;
  const nearest = mistake.nearest === null ? '' : `\n  nearest: ${mistake.nearest}`;
  return `${mistake.file}${position}${path}${object}\n  found: ${mistake.found}\n  expected: ${mistake.expected}${nearest}`;
}
