// Verifications.
import type { Status } from '../types.ts';
import type { Page } from './pages.ts';

/** One feature in a verification. */
export interface VerifyFeature {
  /** `view:feature`. */
  readonly feature: string;
  readonly compared: number;
  readonly differs: number;
  /** The greatest distance of two numbers, those that count as equal among them; null where the feature is no number. */
  readonly maxAbs: number | null;
}

/** One value that differs. */
export interface VerifyExample {
  readonly feature: string;
  /** The view's join keys. */
  readonly entity: Readonly<Record<string, unknown>>;
  readonly at: string;
  readonly training: unknown;
  readonly serving: unknown;
  /** Both where the statuses differ: what training says that it must be, and what serving said. */
  readonly trainingStatus?: Status | undefined;
  readonly servingStatus?: Status | undefined;
}

/** What `plumb verify --json` prints. */
export interface VerifyResult {
  readonly seed: number;
  /** Values: one for each key, instant and feature. */
  readonly compared: number;
  readonly equal: number;
  readonly differences: number;
  readonly features: readonly VerifyFeature[];
  /** The first of the differences. */
  readonly examples: readonly VerifyExample[];
}

/** GET /v1/reports: a verification that was done. */
export interface VerifyReportSummary extends Omit<VerifyResult, 'features' | 'examples'> {
  /** Its number, 8 digits. */
  readonly id: string;
  readonly kind: 'verify';
  readonly createdAt: string;
  /** Of the registry; null: definitions in files, which were not registered. */
  readonly version: number | null;
  /** null: all services. */
  readonly service: string | null;
  /** Most pairs of a key and an instant for each view. */
  readonly samples: number;
  readonly seconds: number;
}

/** A feature of a view that changed: how its values move from one version of the definitions to the other. */
export interface MovedFeature {
  /** `view:feature`. */
  readonly feature: string;
  /** That read it in either version. */
  readonly services: readonly string[];
  /** Keys that were asked for, and those of which a value moves. */
  readonly keys: number;
  readonly movedKeys: number;
  /** Values: one for each key and instant. */
  readonly compared: number;
  readonly moved: number;
  /** Of two numbers, among those that move; null where there are none. */
  readonly meanAbs: number | null;
  readonly maxAbs: number | null;
}

/** A view whose rows have to be computed anew before the version is served. */
export interface Refill {
  readonly view: string;
  readonly reason: 'new' | 'changed';
  /** Of the longest of its last runs; null where none is known. */
  readonly rows: number | null;
  readonly seconds: number | null;
}

/** What the current version of the definitions moves against another one. */
export interface VerifyChanges {
  /** That other version. */
  readonly against: number;
  /** Services whose columns are others. */
  readonly services: readonly {
    readonly service: string;
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }[];
  readonly features: readonly MovedFeature[];
  /** Views that changed and of which nothing was compared. */
  readonly notCompared: readonly { readonly view: string; readonly reason: string }[];
  readonly refill: readonly Refill[];
}

/** GET /v1/reports/{id} */
export interface VerifyReport extends VerifyReportSummary, VerifyResult {
  /** Views of which nothing was compared. */
  readonly skipped: readonly { readonly view: string; readonly reason: string }[];
  /** Where it was asked for. */
  readonly changes?: VerifyChanges | undefined;
}

export interface ReportPage extends Page {
  /** Newest first. */
  readonly reports: readonly VerifyReportSummary[];
}
