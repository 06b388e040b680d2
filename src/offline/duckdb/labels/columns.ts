// The columns of a labels file: what they are called, and which of them are needed. Names are kept exactly or refused.
import { PlumbError } from '../../../../schemas/errors.ts';
import { nearestName } from '../../../nearest.ts';
import type { TrainingSetNode } from '../../../plan/nodes.ts';
import { LABEL_ROW } from '../../../sql/labels.ts';

export interface Column {
  readonly name: string;
  /** The engine's type. */
  readonly type: string;
}

/** A FROM item over the files of labels, and its columns. */
export interface OpenedLabels {
  readonly from: string;
  readonly columns: readonly Column[];
  /** Where the engine fails to read them after all: what is wrong with the file; null where nothing is found. */
  readonly problem?: () => Promise<string | null>;
}

export const invalid = (message: string, details?: Readonly<Record<string, unknown>>): PlumbError =>
  new PlumbError('INVALID_LABELS', message, details === undefined ? {} : { details });

const LONGEST_NAME = 60;
export const shortened = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;

/** Engines tell names apart by more than letter case, and would rename the second of two. */
export function refuseNames(names: readonly string[]): void {
  const nameless = names.indexOf('');
  if (nameless >= 0)
    throw invalid(
      `label column ${nameless + 1} has no name: found "", expected a name; give it one or leave it out (an index that pandas wrote: index=False)`,
    );
  const zero = names.find((name) => name.includes('\0'));
  if (zero !== undefined)
    throw invalid(
      `label column ${shortened(zero.replaceAll('\0', '\\u0000'))} has a NUL character in its name, expected a name without; rename it`,
    );
  const first = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    const other = first.get(folded);
    if (other === name) throw invalid(`label column ${shortened(name)} is there twice; rename one of them`);
    if (other !== undefined)
      throw invalid(
        `label columns ${shortened(other)} and ${shortened(name)} differ in letter case alone; rename one of them`,
      );
    first.set(folded, name);
  }
}

export function refuseCollisions(plan: TrainingSetNode, names: readonly string[]): void {
  const reserved = names.find((name) => name.toLowerCase() === LABEL_ROW);
  if (reserved !== undefined) throw invalid(`label column ${reserved} has a name that Plumb uses itself; rename it`);
  const features = new Set(plan.outputs.map(({ name }) => name.toLowerCase()));
  const clash = names.find((name) => features.has(name.toLowerCase()));
  if (clash === undefined) return;
  throw invalid(
    `label column ${clash} has the name of a feature of service ${plan.service}; rename the column, or give the service's entry a prefix`,
  );
}

export function requireColumn(columns: readonly Column[], name: string, role: string): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = columns.map((candidate) => shortened(candidate.name));
  const nearest = nearestName(name, names);
  const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
  throw invalid(
    `the labels have no column ${name}, which is ${role}; they have ${namesText(names) || 'no columns'}${hint}`,
    { column: name },
  );
}

const TOLD_NAMES = 50;
const namesText = (names: readonly string[]): string =>
  names.length <= TOLD_NAMES
    ? names.join(', ')
    : `${names.slice(0, TOLD_NAMES).join(', ')} and ${names.length - TOLD_NAMES} more`;
