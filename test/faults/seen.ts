// Everything that was ever seen of a history: what a collection removed was there, and answers may be of it.
import type { Evidence } from './evidence.ts';

export type Seen = Pick<Evidence, 'runs' | 'datasets' | 'versions'>;

/** As it was seen last. */
export function everSeen(looks: readonly Evidence[]): Seen {
  const all = <T>(of: (look: Evidence) => readonly T[], id: (one: T) => string): readonly T[] => [
    ...new Map(looks.flatMap((look) => of(look).map((one) => [id(one), one] as const))).values(),
  ];
  return {
    runs: all(
      ({ runs }) => runs,
      ({ view, run }) => `${view}/${run}`,
    ),
    datasets: all(
      ({ datasets }) => datasets,
      ({ name, version }) => `${name}@${version}`,
    ),
    versions: looks.at(-1)?.versions ?? [],
  };
}
