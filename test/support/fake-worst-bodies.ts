// For tests: bodies of at most the limit that cost a server most, found by trying, and a catalog that makes them dear.

import type { Catalog, FeatureView, Source } from '../../src/catalog/catalog.ts';
import { catalogOf, rowView, serviceFeature } from './fake-world.ts';

export const MIB = 2 ** 20;
/** Those of a project that sets none. */
export const DEFAULT_LIMITS = {
  bodyBytes: 16 * MIB,
  entitiesPerRequest: 10_000,
  eventsPerRequest: 10_000,
  labelRows: 100_000,
  labelBytes: 1024 * MIB,
  queuedJobs: 100,
};

/** A view of 1,000 features, 100 small ones, one with a text as key, one with long texts, and 5,000 services with names alike. */
export function worstCatalog(): Catalog {
  const features = Array.from({ length: 1000 }, (_, i) => ({ name: `feature_number_${i}`, type: 'int64' as const }));
  const wide = rowView('wide', { user_id: 'int64' }, features);
  const named = rowView('named', { user_id: 'int64', name: 'string' }, features.slice(0, 10));
  const long = rowView('long', { user_id: 'int64' }, [{ name: 'words', type: 'string' }]);
  const small = Array.from({ length: 100 }, (_, i) =>
    rowView(`small_${i}`, { user_id: 'int64' }, features.slice(0, 1)),
  );
  const ranking = features.slice(0, 100).map(({ name }) => serviceFeature('wide', name, ['user_id']));
  const alike = Array.from({ length: 5000 }, (_, i) => [`service_number_${i}`, ranking.slice(0, 1)] as const);
  const catalog = catalogOf([wide, named, long, ...small], { ranking, ...Object.fromEntries(alike) });
  return { ...catalog, sources: new Map([['source', sourceOf(wide)]]) };
}

const sourceOf = ({ source: name }: FeatureView): Source => ({ name, timestampColumn: 'ts' }) as unknown as Source;

export interface WorstBody {
  readonly name: string;
  readonly path: string;
  readonly status: number;
  readonly body: () => string;
}

const LIMIT = DEFAULT_LIMITS.bodyBytes;
/** As many units as fit. */
const filled = (before: string, unit: string, behind: string): string =>
  before + unit.repeat(Math.floor((LIMIT - before.length - behind.length) / unit.length)) + behind;
const many = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join(',');
const names = (count: number): string => many(count, (i) => `"k${i}":1`);

export function worstBodies(): readonly WorstBody[] {
  const of = (path: string, bodies: readonly (readonly [string, number, () => string])[]): WorstBody[] =>
    bodies.map(([name, status, body]) => ({ path, name, status, body }));
  return [
    ...of('/v1/online-features', [...LOOKUPS, ...ANSWERS]),
    ...of('/v1/materializations', MATERIALIZATIONS),
    ...of('/v1/datasets', DATASETS),
  ];
}

type Body = readonly [name: string, status: number, body: () => string];

const ENTITIES = '{"service":"ranking","entities":[';
const LOOKUPS: readonly Body[] = [
  ['a key of 16 million digits', 413, () => filled(`${ENTITIES}{"user_id":`, '9', '}]}')],
  ['a key that is a long text', 400, () => filled(`${ENTITIES}{"user_id":"`, '9', '"}]}')],
  ['a long service name', 404, () => filled('{"service":"', 'r', '","entities":[]}')],
  ['a service name near to thousands', 404, () => '{"service":"service_number_99999","entities":[]}'],
  ['a service name in escapes', 404, () => filled('{"service":"', String.raw`\u0041`, '","entities":[]}')],
  ['an instant with many digits', 200, () => filled(`${ENTITIES}],"at":"2026-01-08T13:00:00.`, '0', '"}')],
  ['empty lists', 413, () => filled(ENTITIES, '[],', '[]]}')],
  ['digits', 413, () => filled(ENTITIES, '0,', '0]}')],
  ['as many objects as values', 413, () => `${ENTITIES}${'{},'.repeat(2_090_000)}{}]}`],
  ['a long context', 501, () => `${ENTITIES}],"context":[${'{"a":1},'.repeat(1_000_000)}{}]}`],
  ['many names', 200, () => `${ENTITIES}${many(150, () => `{"user_id":1,${names(9000)}}`)}]}`],
  ['one object of names', 413, () => `${ENTITIES}{${names(1_000_000)}}]}`],
  ['unknown fields', 400, () => `{${names(9999)}}`],
  ['deep nesting', 413, () => filled('{"service":', '[', '')],
  ['spaces', 200, () => filled(`${ENTITIES}]`, ' ', '}')],
  ['a mistake behind many lines', 400, () => filled(`${ENTITIES}]`, '\n', ']')],
  [
    'long unknown features',
    404,
    () => `{"entities":[],"features":[${many(1000, () => `"wide:${'f'.repeat(16_000)}"`)}]}`,
  ],
  [
    'a near feature',
    404,
    () =>
      `{"entities":[],"features":[${many(999, () => '"wide:*"')},"wide:feature_nmber_99x"]}`.replaceAll(
        '*',
        'feature_number_9',
      ),
  ],
  [
    'keys of zeros',
    200,
    () =>
      `{"features":["named:*"],"entities":[${many(1600, (i) => `{"user_id":${i},"name":"${String.raw`\u0000`.repeat(1600)}"}`)}]}`,
  ],
];

const ids = (count: number): string => many(count, (i) => `{"user_id":${i}}`);
const ALL = '"at":"2026-01-08T13:00:00Z","statuses":true,"eventTimes":true,"int64":"string"';
const ANSWERS: readonly Body[] = [
  ['a million values', 200, () => `{"service":"ranking",${ALL},"entities":[${ids(10_000)}]}`],
  [
    'a million rows',
    200,
    () => `{"features":[${many(100, (i) => `"small_${i}:*"`)}],${ALL},"entities":[${ids(10_000)}]}`,
  ],
  [
    'long texts, again and again',
    200,
    () => `{"features":["long:*"],"entities":[${'{"user_id":1},'.repeat(1500)}{"user_id":2}]}`,
  ],
  [
    'one long text under many names',
    200,
    () => `{"features":[${many(1000, () => '"long:words"')}],"entities":[{"user_id":1}]}`,
  ],
  [
    'more text than an answer takes',
    413,
    () => `{"features":["long:*"],"entities":[${'{"user_id":1},'.repeat(3000)}{"user_id":2}]}`,
  ],
  ['ten thousand columns', 200, () => `{"features":[${many(10, () => '"wide:*"')}],${ALL},"entities":[${ids(100)}]}`],
];

const MATERIALIZATIONS: readonly Body[] = [
  ['views that are digits', 413, () => `{"views":[${'0,'.repeat(2_090_000)}0]}`],
  ['as many wrong views as allowed', 400, () => `{"views":[${'0,'.repeat(9_990)}0]}`],
  ['a long view', 413, () => filled('{"views":["', 'p', '"]}')],
  ['a long instant', 413, () => filled('{"until":"2026-01-08T00:00:00.', '0', 'x"}')],
  ['unknown fields', 400, () => `{${names(9999)}}`],
];

const LABELS = '{"service":"ranking","labels":{"columns":{"user_id":[1],"event_timestamp":["x"],';
const DATASETS: readonly Body[] = [
  ['a long column', 413, () => `{"service":"ranking","labels":{"columns":{"user_id":[${'0,'.repeat(2_090_000)}0]}}}`],
  ['many wrong columns', 400, () => `${LABELS}${names(9990)}}}}`],
  ['a long cell', 202, () => filled(`${LABELS}"t":["`, 't', '"]}}}')],
  ['a cell of nearly too many values', 202, () => `${LABELS}"t":[[${'1,'.repeat(499_998)}1]]}}}`],
  ['a cell that is a long list', 413, () => `${LABELS}"t":[[${'1,'.repeat(2_000_000)}1]]}}}`],
  ['a long service name', 404, () => filled('{"labels":{"path":"x"},"service":"', 'r', '"}')],
  ['a long name', 400, () => filled('{"service":"ranking","labels":{"path":"x"},"name":"', 'r', '"}')],
  ['a long path', 400, () => filled('{"service":"ranking","labels":{"path":"', 'r', '"}}')],
  ['a long timestamp column', 422, () => filled(`${LABELS}"t":[1]}},"timestampColumn":"`, 'r', '"}')],
];
