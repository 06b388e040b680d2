// The edges of windows over sorted rows. The instant itself is the edge `e`, at which windows end, or begin where they are of a
// label; every other edge has the name of its window.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { Window, WindowsNode } from '../../../plan/nodes.ts';
import { windowEndSql, windowStartSql } from '../../instants.ts';

export interface Edges {
  readonly from: string;
  readonly to: string;
}

export function edgesOf({ windows }: WindowsNode, id: string): Edges {
  const window = windows.find((candidate) => candidate.id === id);
  if (window === undefined) throw new PlumbError('INTERNAL', `window ${id} is not planned`);
  return { from: startsAtInstant(window) ? 'e' : id, to: endsAtInstant(window) ? 'e' : endOf(id) };
}

/** All but `e`, and what is before an unbounded window. */
export const ownEdges = ({ windows }: WindowsNode): readonly { readonly id: string; readonly sql: string }[] =>
  windows.flatMap((window) => {
    const start = windowStartSql('e', window);
    return [
      ...(start === null || startsAtInstant(window) ? [] : [{ id: window.id, sql: start }]),
      ...(endsAtInstant(window) ? [] : [{ id: endOf(window.id), sql: windowEndSql('e', window) }]),
    ];
  });

const startsAtInstant = (window: Window): boolean => windowStartSql('e', window) === 'e';
const endsAtInstant = (window: Window): boolean => windowEndSql('e', window) === 'e';
const endOf = (id: string): string => `${id}_end`;
