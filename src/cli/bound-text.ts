// Training sets that are bound, for people.
import { heldName } from '../catalog/learned.ts';
import { counted } from '../counted.ts';
import type { HeldDefinition } from '../materialize/bound/consequences.ts';

export const heldLines = (held: readonly HeldDefinition[]): readonly string[] => held.flatMap(linesOf);

function linesOf({ view, boundTo, rows, lacking }: HeldDefinition): readonly string[] {
  const cost = rows === null ? '' : `, about ${counted(rows, 'row')} online beside the present one`;
  const name = heldName(view, boundTo);
  return [
    `= ${name}: the former definition goes on being run and served${cost}`,
    ...lacking.map(
      (what) => `! ${name}: its runs will fail: ${what}; bring it back, or run \`plumb dataset retire ${boundTo[0]}\``,
    ),
  ];
}
