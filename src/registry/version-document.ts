// One registered version as stored under `registry/<version, 8 digits>.json`:
//   { "format": 1, "project", "version", "appliedAt": RFC 3339, "sha256": of the catalog's canonical JSON,
//     "catalog": { "entities", "sources", "views", "services", "serviceVersions", "viewsSince" } in the form of catalog-json.ts }
// The last two are absent in documents of before they were kept.
// It holds everything that is resolved, so that reading it asks no source and runs no file of a user.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { decode, encode, type Json } from '../catalog/catalog-json.ts';
import { sha256 } from '../catalog/fingerprint.ts';
import type { ObjectStore } from '../storage/object-store.ts';

const FORMAT = 1;
/** What of a storage versions need. */
export type VersionStore = Pick<ObjectStore, 'get' | 'putIfAbsent' | 'list'>;

export const REGISTRY_PREFIX = 'registry/';

export const versionKey = (version: number): string => `${REGISTRY_PREFIX}${String(version).padStart(8, '0')}.json`;

/** Null for an object that is no version. */
export function versionOfKey(key: string): number | null {
  const digits = /^registry\/(\d{8,})\.json$/.exec(key)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** What definitions say: everything but project and versions. */
const contentOf = ({ entities, sources, views, services }: Catalog) => ({ entities, sources, views, services });

/** The same for two catalogs exactly when they say the same. */
export const contentHash = (catalog: Catalog): string => sha256(contentOf(catalog));

export function writeVersionDocument(catalog: Catalog, appliedAt: string): Uint8Array {
  const { project, version, serviceVersions, viewsSince } = catalog;
  const content = {
    ...contentOf(catalog),
    ...(serviceVersions === undefined ? {} : { serviceVersions }),
    ...(viewsSince === undefined ? {} : { viewsSince }),
  };
  const document = {
    format: FORMAT,
    project,
    version,
    appliedAt,
    sha256: sha256(content),
    catalog: encode(content),
  };
  return new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`);
}

/** When the version was registered, RFC 3339. */
export const appliedAtOf = (key: string, bytes: Uint8Array): string => String(parse(key, bytes).appliedAt);

/** The checksum vouches for the shape: only this program writes it. STORAGE_CORRUPT with the key named. */
export function readVersionDocument(key: string, bytes: Uint8Array): Catalog {
  const document = parse(key, bytes);
  if (document.format !== FORMAT) {
    throw corrupt(
      key,
      `has format ${JSON.stringify(document.format)}, expected ${FORMAT}: was it written by a newer Plumb?`,
    );
  }
  if (document.version !== versionOfKey(key))
    throw corrupt(key, `says that it is version ${JSON.stringify(document.version)}`);
  const content = document.catalog === undefined ? null : decode(document.catalog);
  if (typeof content !== 'object' || content === null || document.sha256 !== sha256(content)) {
    throw corrupt(key, 'does not match its checksum');
  }
  return Object.freeze({ project: document.project, version: document.version, ...content } as Catalog);
}

type Document = { readonly [key: string]: Json };

function parse(key: string, bytes: Uint8Array): Document {
  try {
    const json: Json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isDocument(json)) return json;
  } catch (cause) {
    throw corrupt(key, 'is not JSON', cause);
  }
  throw corrupt(key, 'is not an object');
}

const isDocument = (json: Json): json is Document => typeof json === 'object' && json !== null && !Array.isArray(json);

const corrupt = (key: string, what: string, cause?: unknown): PlumbError =>
  new PlumbError('STORAGE_CORRUPT', `the registered version ${key} ${what}; restore it from a backup of the storage`, {
    details: { key },
    cause,
  });
