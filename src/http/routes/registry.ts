// GET /v1/registry, /v1/entities, /v1/sources, /v1/feature-views[/{name}], /v1/feature-services[/{name}]: the newest
// registered version.
import { type Context, Hono } from 'hono';
import type { RegistrySummary } from '../../../schemas/wire-types.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { OBJECT_DESCRIPTIONS } from '../../catalog/describe.ts';
import { unknownName } from '../../catalog/look-up.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import { jsonBody } from '../json.ts';
import { pageByName, pageRequest } from '../pages.ts';

type Kind = keyof typeof OBJECT_DESCRIPTIONS;

export function registryRoutes(catalog: CatalogProvider): Hono {
  const routes = new Hono();
  const list = (path: string, kind: Kind, field: string): void => {
    routes.get(path, async (context) => answerPage(context, await catalog.current(), kind, field));
  };
  const one = (path: string, kind: Kind): void => {
    routes.get(`${path}/:name`, async (context) => answerOne(context, await catalog.current(), kind));
  };
  routes.get('/v1/registry', async (context) => jsonBody(context, summaryOf(await catalog.current())));
  list('/v1/entities', 'entity', 'entities');
  list('/v1/sources', 'source', 'sources');
  list('/v1/feature-views', 'feature view', 'featureViews');
  one('/v1/feature-views', 'feature view');
  list('/v1/feature-services', 'feature service', 'featureServices');
  one('/v1/feature-services', 'feature service');
  return routes;
}

function answerPage(context: Context, catalog: Catalog, kind: Kind, field: string): Response {
  const { entries, next } = pageByName(OBJECT_DESCRIPTIONS[kind](catalog), pageRequest(context));
  return jsonBody(context, { [field]: entries, next });
}

function answerOne(context: Context, catalog: Catalog, kind: Kind): Response {
  const name = context.req.param('name') ?? '';
  if (kind === 'feature service') context.get('caller').requireService(name);
  const described = OBJECT_DESCRIPTIONS[kind](catalog);
  const found = described.get(name);
  if (found !== undefined) return jsonBody(context, found);
  throw unknownName(kind, name, described.keys());
}

const summaryOf = ({ project, version, entities, sources, views, services }: Catalog): RegistrySummary => ({
  project,
  version,
  entities: [...entities.keys()].sort(),
  sources: [...sources.keys()].sort(),
  featureViews: [...views.keys()].sort(),
  featureServices: [...services.keys()].sort(),
});
