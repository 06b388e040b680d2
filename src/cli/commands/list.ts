// plumb list: everything in the registered version.

import type { Catalog, FeatureService, FeatureView, Source } from '../../catalog/catalog.ts';
import { OBJECT_DESCRIPTIONS } from '../../catalog/describe.ts';
import { formatDuration, formatInstant } from '../../instant.ts';
import type { Register } from '../command.ts';
import { type Cell, section, table } from '../table.ts';

export const registerList: Register = (program, run) => {
  program
    .command('list')
    .description('list entities, sources, feature views and feature services')
    .action(
      run(async (invocation) => {
        const config = await invocation.config();
        await using registry = await invocation.app.openRegistry(config, invocation.openOptions());
        const catalog = await registry.current();
        invocation.result(listDocument(catalog), () => listText(catalog));
        return 0;
      }),
    );
};

const listDocument = (catalog: Catalog) => ({
  project: catalog.project,
  version: catalog.version,
  entities: [...OBJECT_DESCRIPTIONS.entity(catalog).values()],
  sources: [...OBJECT_DESCRIPTIONS.source(catalog).values()],
  featureViews: [...OBJECT_DESCRIPTIONS['feature view'](catalog).values()],
  featureServices: [...OBJECT_DESCRIPTIONS['feature service'](catalog).values()],
});

const VIEW_HEAD = ['name', 'kind', 'entities', 'source', 'refresh', 'features'];

function listText(catalog: Catalog): string {
  const entities = [...catalog.entities.values()].map(({ name, joinKeys }) => [
    name,
    joinKeys.map((key) => `${key.name} ${key.type}`).join(', '),
  ]);
  const sources = [...catalog.sources.values()].map(sourceRow);
  const services = [...catalog.services.values()].map((service) => [
    service.name,
    catalog.serviceVersions?.get(service.name)?.version ?? null,
    service.features.length,
    viewsOf(service),
  ]);
  return [
    `${catalog.project}, version ${catalog.version}\n`,
    kindText('Entities', ['name', 'join keys'], entities),
    kindText('Sources', ['name', 'format', 'path'], sources),
    kindText('Feature views', VIEW_HEAD, [...catalog.views.values()].map(viewRow)),
    kindText('Feature services', ['name', 'version', 'features', 'views'], services),
  ].join('\n');
}

const kindText = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  section(title, rows.length === 0 ? 'none' : table(head, rows));

function sourceRow({ name, format, path, stream }: Source): readonly Cell[] {
  if (stream === undefined) return [name, format, path];
  const { history } = stream;
  const before = history === null ? '' : `; before ${formatInstant(history.untilMicros)} ${history.source.path}`;
  return [name, 'stream', `pushed events${before}`];
}

const viewRow = (view: FeatureView) => [
  view.name,
  view.kind,
  view.entities.join(', '),
  view.source,
  refreshText(view),
  view.features.length,
];

function refreshText({ kind, refresh, schedule }: FeatureView): string {
  if (kind === 'label') return 'in training sets';
  if (refresh === null) return schedule === undefined ? 'continuous' : `continuous, run at ${schedule}`;
  const delay = refresh.delayMicros === 0n ? '' : `, delay ${formatDuration(refresh.delayMicros)}`;
  return `every ${formatDuration(refresh.everyMicros)}${delay}`;
}

const viewsOf = (service: FeatureService): string => [...new Set(service.features.map(({ view }) => view))].join(', ');
