// What is asked, and what the answer is measured against.
import type { EntityName } from './feature-sets.ts';

export interface ServingCase {
  readonly name: string;
  readonly service: string;
  /** Entities of one request. `beside`: one user beside that many items. */
  readonly entities: number;
  readonly beside?: boolean;
  /** More fields of the body, as JSON without braces. */
  readonly fields?: string;
  /** The bare server, or another case (of Plumb). */
  readonly against: 'floor' | string;
  /** `closed`: each connection asks again as soon as it has its answer; `half`: arrivals at half of that rate. */
  readonly load: 'closed' | 'half';
}

const DETAILS = '"statuses":true,"eventTimes":true';

const plain = (service: string, counts: readonly number[]): readonly ServingCase[] =>
  counts.map((entities) => ({
    name: `${service}-${entities}`,
    service,
    entities,
    against: 'floor',
    load: 'closed',
  }));

export const CASES: readonly ServingCase[] = [
  ...plain('mixed', [1, 10, 100, 1_000]),
  ...plain('floats', [1, 100]),
  ...plain('fifty', [1, 10, 100]),
  ...plain('wide', [1, 100]),
  ...plain('aggregates', [1, 100]),
  ...[1, 10, 100].map(
    (entities): ServingCase => ({
      name: `details-${entities}`,
      service: 'fifty',
      entities,
      fields: DETAILS,
      against: `fifty-${entities}`,
      load: 'closed',
    }),
  ),
  ...[1, 100].map(
    (entities): ServingCase => ({
      name: `three-views-${entities}`,
      service: 'three_views',
      entities,
      against: `mixed-${entities}`,
      load: 'closed',
    }),
  ),
  { name: 'ranking-500', service: 'ranking', entities: 500, beside: true, against: 'floor', load: 'closed' },
  { name: 'half-1', service: 'mixed', entities: 1, against: 'floor', load: 'half' },
];

/** What an entity of a request names. */
export const entitiesOf = ({ beside = false }: ServingCase): readonly EntityName[] =>
  beside ? ['user', 'item'] : ['user'];

/** By name, or by its first word: `mixed` is `mixed-1`, `mixed-10` …; with the cases that these are measured against. */
export function selectCases(names: readonly string[] | null): readonly ServingCase[] {
  if (names === null) return CASES;
  const chosen = new Set(names.flatMap((name) => named(name).flatMap((one) => [one.name, one.against])));
  return CASES.filter(({ name }) => chosen.has(name));
}

function named(name: string): readonly ServingCase[] {
  const found = CASES.filter((one) => one.name === name || one.name.replace(/-\d+$/, '') === name);
  if (found.length > 0) return found;
  throw new Error(`--cases: found ${name}, expected ${CASES.map((one) => one.name).join(', ')}`);
}
