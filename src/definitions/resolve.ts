// Raw definitions → the frozen catalog. Needs an engine only through its two ports; throws INVALID_DEFINITION with all
// mistakes at once.
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { SourceDefinition } from '../../schemas/sources.ts';
import { type Catalog, DRAFT_VERSION, type Source } from '../catalog/catalog.ts';
import type { ExpressionCompiler } from '../catalog/expression.ts';
import { deepFreeze } from '../catalog/freeze.ts';
import { compileExpressions } from './compile-expressions.ts';
import { Mistakes, type Place } from './mistakes.ts';
import { type Parsed, type ParsedDefinitions, parseDefinitions } from './parse-definitions.ts';
import { OBJECT_KINDS, type RawDefinition, splitDefinitions } from './raw-definitions.ts';
import { resolveEntity } from './resolve-entities.ts';
import { resolveService } from './resolve-services.ts';
import { type ResolvedSource, resolveBatchSource } from './resolve-sources.ts';
import { resolveStreamSource } from './resolve-stream-sources.ts';
import { resolveView } from './resolve-views.ts';
import { byName, type Scope } from './scope.ts';
import type { SourceInspector } from './source-inspector.ts';

export interface ResolvePorts {
  readonly project: string;
  readonly inspector: SourceInspector;
  readonly compiler: ExpressionCompiler;
  /** Sources as they are registered: events that there are have their types. Absent: none are. */
  readonly registered?: ReadonlyMap<string, Source>;
}

/** Resolves definitions given inline (version 0), for feature tests and programs without a definitions folder. */
export async function resolveDefinitions(definitions: DefinitionsInput, ports: ResolvePorts): Promise<Catalog> {
  const mistakes = new Mistakes();
  const place: Place = { file: 'definitions', path: [], object: null, locate: () => null };
  return resolveRaw(splitDefinitions(definitions, place, mistakes), ports, mistakes);
}

/** `mistakes`: those found while reading; they are told together with what is found here. */
export async function resolveRaw(
  raws: readonly RawDefinition[],
  ports: ResolvePorts,
  mistakes: Mistakes,
): Promise<Catalog> {
  const parsed = parseDefinitions(raws, mistakes);
  const entities = byName(parsed.entities.map((entity) => resolveEntity(entity, mistakes)));
  const sources = await resolveSources(parsed, ports, mistakes);
  const compiled = await compileExpressions(parsed.featureViews, sources, ports.compiler);
  const scope = {
    entities: scopeOf('entities', entities, parsed),
    sources: scopeOf('sources', sources, parsed),
    compiled,
  };
  const views = byName(parsed.featureViews.flatMap((view) => resolveView(view, scope, mistakes) ?? []));
  const writtenFeatures = new Map(parsed.featureViews.map(({ value, featureNames }) => [value.name, featureNames]));
  const serviceScope = { views: scopeOf('featureViews', views, parsed), writtenFeatures };
  const services = byName(parsed.featureServices.map((service) => resolveService(service, serviceScope, mistakes)));
  mistakes.throwIfAny();
  const plain = new Map([...sources].map(([name, source]) => [name, withoutUnreadable(source)]));
  return deepFreeze({ project: ports.project, version: DRAFT_VERSION, entities, sources: plain, views, services });
}

/** One after the other: an inspector is one engine, and answers stay in order. */
async function resolveSources(parsed: ParsedDefinitions, ports: ResolvePorts, mistakes: Mistakes) {
  const sources: ResolvedSource[] = [];
  for (const definition of parsed.sources) {
    const source = await resolveSource(definition, ports, mistakes);
    if (source !== null) sources.push(source);
  }
  return byName(sources);
}

async function resolveSource(
  { value, ...parsed }: Parsed<SourceDefinition>,
  { inspector, registered }: ResolvePorts,
  mistakes: Mistakes,
): Promise<ResolvedSource | null> {
  if (value.kind === 'batch') return await resolveBatchSource({ ...parsed, value }, inspector, mistakes);
  return await resolveStreamSource(
    { ...parsed, value },
    { inspector, registered: registered?.get(value.name) },
    mistakes,
  );
}

const scopeOf = <T>(
  list: keyof ParsedDefinitions['names'],
  resolved: ReadonlyMap<string, T>,
  parsed: ParsedDefinitions,
): Scope<T> => ({
  kind: OBJECT_KINDS[list],
  resolved,
  written: parsed.names[list],
});

const withoutUnreadable = ({ unreadable: _, ...source }: ResolvedSource): Source => source;
