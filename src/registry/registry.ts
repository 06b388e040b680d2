// The registry: numbered, immutable versions of the resolved definitions in an object store.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { Mistakes } from '../definitions/mistakes.ts';
import { type ResolvePorts, resolveRaw } from '../definitions/resolve.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { APPLY_LEASE, type Leases } from '../storage/leases/lease.ts';
import { diffCatalogs, type ObjectChange } from './diff.ts';
import { RegisteredVersions } from './registered-versions.ts';
import { numberServices } from './service-versions.ts';
import type { VersionStore } from './version-document.ts';
import { contentHash, versionKey, writeVersionDocument } from './version-document.ts';
import { viewsSince } from './views-since.ts';

export interface Registry {
  /**
   * Loads, resolves and checks the definitions; registers them as the next version where they differ from the newest.
   * INVALID_DEFINITION with all mistakes; CONFLICT where somebody else registered that version meanwhile.
   */
  apply(options?: { readonly dryRun?: boolean }): Promise<ApplyReport>;
  /** What `apply` would register, with version 0; INVALID_DEFINITION with all mistakes. */
  draft(): Promise<Catalog>;
  /** The newest version; NOT_APPLIED where there is none. */
  current(): Promise<Catalog>;
  /** UNKNOWN_NAME where there is no such version. */
  version(version: number): Promise<Catalog>;
}

export interface ApplyReport {
  readonly outcome: 'registered' | 'unchanged' | 'dry_run';
  /** The newest registered version after the call; 0 where a dry run found none. */
  readonly version: number;
  /** Empty for an unchanged apply. */
  readonly changes: readonly ObjectChange[];
  readonly catalog: Catalog;
}

export interface RegistryOptions extends ResolvePorts {
  /** Absolute path of the definitions folder, or of one file. */
  readonly definitions: string;
  /** Absolute path of the folder that files are named relative to. */
  readonly projectFolder: string;
  readonly store: VersionStore;
  /** One apply at a time, so that one is told at once of another instead of at its end. */
  readonly leases: Leases;
}

export const createRegistry = (options: RegistryOptions): Registry => {
  const versions = new RegisteredVersions(options.store, options.project);
  return {
    apply: ({ dryRun = false } = {}) => apply(options, dryRun, versions),
    draft: async () => loadAndResolve(options, (await newestOf(versions)).before),
    current: () => versions.current(),
    version: (version) => versions.version(version),
  };
};

async function apply(options: RegistryOptions, dryRun: boolean, versions: RegisteredVersions): Promise<ApplyReport> {
  if (dryRun) return await compare(options, versions);
  await using lease = await options.leases.acquire(APPLY_LEASE, { purpose: 'applying definitions' });
  const report = await compare(options, versions);
  if (report.outcome === 'unchanged') return report;
  await lease.assertHeld();
  await register(options.store, report.catalog);
  return { ...report, outcome: 'registered', version: report.catalog.version };
}

async function compare(options: RegistryOptions, versions: RegisteredVersions): Promise<ApplyReport> {
  const { newest, before } = await newestOf(versions);
  const resolved = await loadAndResolve(options, before);
  if (before !== null && contentHash(before) === contentHash(resolved)) {
    return { outcome: 'unchanged', version: newest, changes: [], catalog: before };
  }
  const after = { ...resolved, version: newest + 1 };
  const catalog: Catalog = Object.freeze({
    ...after,
    serviceVersions: numberServices(before, after),
    viewsSince: viewsSince(before, after, nowMicros()),
  });
  return { outcome: 'dry_run', version: newest, changes: diffCatalogs(before, catalog), catalog };
}

/** 0 and null where nothing is registered. */
async function newestOf(versions: RegisteredVersions) {
  const newest = await versions.newest();
  return { newest, before: newest === 0 ? null : await versions.version(newest) };
}

async function loadAndResolve(options: RegistryOptions, before: Catalog | null): Promise<Catalog> {
  const mistakes = new Mistakes();
  const raws = await loadDefinitions(options.definitions, options.projectFolder, mistakes);
  const registered = before === null ? {} : { registered: before.sources };
  return resolveRaw(raws, { ...options, ...registered }, mistakes);
}

/** Of two that register the same version one wins: the put is atomic. */
async function register(store: VersionStore, catalog: Catalog): Promise<void> {
  const document = writeVersionDocument(catalog, formatInstant(nowMicros()));
  failpoint('apply.before_put');
  const won = await store.putIfAbsent(versionKey(catalog.version), document);
  failpoint('apply.after_put');
  if (won) return;
  const message = `somebody else registered version ${catalog.version} meanwhile: run \`plumb apply\` again to see what changed`;
  throw new PlumbError('CONFLICT', message, { details: { version: catalog.version } });
}
