// Versions of feature services: how an apply numbers them, and where the definitions of one are found again.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, ServiceVersion } from '../catalog/catalog.ts';
import { requireService } from '../catalog/look-up.ts';
import { serviceFingerprint } from '../catalog/members.ts';
import type { RegisteredVersions } from './registered-versions.ts';

/** `before` null: nothing was registered yet. A service that comes back goes on where it was. */
export function numberServices(before: Catalog | null, after: Catalog): ReadonlyMap<string, ServiceVersion> {
  const versions = new Map(before?.serviceVersions);
  for (const service of after.services.values()) {
    const former = versions.get(service.name);
    const fingerprint = serviceFingerprint(after, service);
    if (former !== undefined && (former.fingerprint === fingerprint || isSame(before, service.name, fingerprint)))
      versions.set(service.name, { ...former, fingerprint });
    else versions.set(service.name, { version: (former?.version ?? 0) + 1, since: after.version, fingerprint });
  }
  return versions;
}

/** What a version says is compared, not only its stored fingerprint: that may be of a Plumb that had less in it. */
function isSame(before: Catalog | null, name: string, fingerprint: string): boolean {
  const service = before?.services.get(name);
  return before !== null && service !== undefined && serviceFingerprint(before, service) === fingerprint;
}

/** The registered version that a version of a service began with. UNKNOWN_NAME with those that there are. */
export async function catalogOfService(
  versions: Pick<RegisteredVersions, 'version'>,
  current: Catalog,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<Catalog> {
  for (let catalog = current; ; ) {
    const found: ServiceVersion | undefined = catalog.serviceVersions?.get(name);
    if (found === undefined || found.version < version) throw unknownVersion(current, name, version);
    if (found.version === version) return await versions.version(found.since);
    catalog = await versions.version(found.since - 1);
  }
}

function unknownVersion(current: Catalog, name: string, version: number): PlumbError {
  const newest = current.serviceVersions?.get(name)?.version;
  if (newest === undefined) {
    // It is there, but was registered before services had versions.
    requireService(current, name);
    const message = `the service ${name} has no versions yet: run \`plumb apply\``;
    return new PlumbError('UNKNOWN_NAME', message, { details: { service: name } });
  }
  const expected = newest === 1 ? '1' : `1 to ${newest}`;
  return new PlumbError('UNKNOWN_NAME', `found version ${version} of the service ${name}, expected ${expected}`, {
    details: { service: name, version: newest },
  });
}
