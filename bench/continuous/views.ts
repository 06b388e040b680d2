// The views of this bench, each a service of its name: the same ten features continuous and scheduled, and a continuous view of
// 6 windows × 6 functions over 3 inputs.
import type { DefinitionsInput } from '../../schemas/builders.ts';

export const TEN = ['continuous', 'scheduled'] as const;
export type Ten = (typeof TEN)[number];
export const WIDE = 'wide';

type View = NonNullable<DefinitionsInput['featureViews']>[number];
type Feature = Extract<View, { readonly kind: 'aggregate' }>['features'][number];

const feature = (aggregate: Feature['aggregate'], column: string, window: string): Feature => ({
  name: `${aggregate}_${column}_${window}`,
  ...{ aggregate, column, window },
});

const ten: readonly Feature[] = ['1d', '7d'].flatMap((window) =>
  (['count', 'sum', 'mean', 'max', 'last'] as const).map((aggregate) => feature(aggregate, 'amount', window)),
);

const wide: readonly Feature[] = ['1h', '6h', '1d', '2d', '3d', '7d'].flatMap((window) =>
  (['count', 'sum', 'mean', 'min', 'max', 'last'] as const).flatMap((aggregate) =>
    ['amount', 'quantity', 'score'].map((column) => feature(aggregate, column, window)),
  ),
);

const VIEWS: Readonly<Record<string, Partial<View> & { readonly features: Feature[] }>> = {
  continuous: { features: [...ten] },
  scheduled: { features: [...ten], refresh: { every: '1h', delay: '0s' } },
  [WIDE]: { features: [...wide] },
};

export const definitions = (path: string, names: readonly string[]): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: 'events', kind: 'batch', path, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: names.map((name) => ({
    ...{ name, kind: 'aggregate', entities: ['user'], source: 'events' },
    ...(VIEWS[name] as (typeof VIEWS)[string]),
  })) as View[],
  featureServices: names.map((name) => ({ name, features: [`${name}:*`] })),
});
