// Versions of feature services: how an apply numbers them, and where the definitions of one are found again.
import type { Catalog, ServiceVersion } from '../catalog/catalog.ts';
import { serviceFingerprint } from '../catalog/members.ts';

/** `before` null: nothing was registered yet. A service that comes back goes on where it was. */
export function numberServices(before: Catalog | null, after: Catalog): ReadonlyMap<string, ServiceVersion> {
  const versions = new Map(before?.serviceVersions);
  for (const service of after.services.values()) {
    const former = versions.get(service.name);
    const fingerprint = serviceFingerprint(after, service);
    if (former?.fingerprint === fingerprint) continue;
    versions.set(service.name, { version: (former?.version ?? 0) + 1, since: after.version, fingerprint });
  }
  return versions;
}
