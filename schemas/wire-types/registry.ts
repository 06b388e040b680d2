// Definitions, as they are registered.
import type { Page } from './pages.ts';

/** An entity, source, feature view or feature service in the words of definitions. */
export type Described = Readonly<Record<string, unknown>> & { readonly name: string };

export interface EntityPage extends Page {
  readonly entities: readonly Described[];
}
export interface SourcePage extends Page {
  readonly sources: readonly Described[];
}
export interface FeatureViewPage extends Page {
  readonly featureViews: readonly Described[];
}
export interface FeatureServicePage extends Page {
  readonly featureServices: readonly Described[];
}

/** GET /v1/registry: the newest registered version, by name. */
export interface RegistrySummary {
  readonly project: string;
  readonly version: number;
  readonly entities: readonly string[];
  readonly sources: readonly string[];
  readonly featureViews: readonly string[];
  readonly featureServices: readonly string[];
}
