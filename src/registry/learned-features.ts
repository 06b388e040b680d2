// `ranking@3` and `churn@12` → what a model learned. What one stands for never changes, so it is kept.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import {
  type Learned,
  type LearnedFeatures,
  type LearnedReference,
  type LearnedSet,
  whyNotLearned,
} from '../catalog/learned.ts';
import { requireService, servedFeatures } from '../catalog/look-up.ts';
import { membersOf } from '../catalog/members.ts';
import { parseVersioned, type Versioned } from '../catalog/versioned.ts';
import { quote } from '../quote.ts';
import { featureChanges } from './feature-changes.ts';
import type { RegisteredVersions } from './registered-versions.ts';
import { catalogOfService } from './service-versions.ts';

export interface LearnedPorts {
  readonly versions: Pick<RegisteredVersions, 'version'>;
  /** Opened when first asked for: most processes never look at a training set. */
  readonly datasets: () => Promise<{ show(name: string, version: number): Promise<LearnedSet> }>;
}

const MOST_KNOWN = 1000;

export function createLearnedFeatures(ports: LearnedPorts): LearnedFeatures {
  const known = new Map<string, Learned>();
  return {
    of: async (reference, current) => {
      const [kind, { name, version }] = parse(reference);
      const id = `${kind} ${name}@${version}`;
      const found = known.get(id);
      if (found !== undefined) return found;
      const learned =
        kind === 'service'
          ? await ofService(ports, current, { name, version })
          : await ofDataset(ports, { name, version });
      if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value ?? '');
      known.set(id, learned);
      return learned;
    },
  };
}

function parse(reference: LearnedReference): readonly ['service' | 'dataset', Versioned] {
  const [kind, text] =
    'service' in reference ? (['service', reference.service] as const) : (['dataset', reference.dataset] as const);
  const found = parseVersioned(text);
  if (found !== null) return [kind, found];
  const expected =
    kind === 'service' ? 'a name, or name@version such as "ranking@3"' : 'name@version such as "churn@12"';
  throw new PlumbError('INVALID_REQUEST', `$.${kind}: found ${quote(text)}, expected ${expected}`, {
    details: { path: `$.${kind}` },
  });
}

async function ofService({ versions }: LearnedPorts, current: Catalog, service: Versioned): Promise<Learned> {
  const catalog = await catalogOfService(versions, current, service);
  return learnedFrom(`service ${service.name}@${service.version}`, catalog, service);
}

async function ofDataset({ versions, datasets }: LearnedPorts, { name, version }: Versioned): Promise<Learned> {
  const set = await (await datasets()).show(name, version);
  const { service, serviceVersion, registryVersion } = set;
  const what = `dataset ${name}@${version}`;
  if (serviceVersion === undefined || registryVersion === null)
    throw new PlumbError('NOT_AS_LEARNED', `${what} ${whyNotLearned(set)}`, { details: { service, features: [] } });
  return learnedFrom(what, await versions.version(registryVersion), { name: service, version: serviceVersion });
}

function learnedFrom(what: string, catalog: Catalog, { name, version }: Versioned): Learned {
  let compared: { readonly to: Catalog; readonly differences: ReturnType<typeof featureChanges> } | null = null;
  return {
    what,
    service: name,
    serviceVersion: version,
    members: servedFeatures(catalog, what, membersOf(catalog, requireService(catalog, name))),
    catalog,
    // Kept for the version at hand: each request that is refused asks for all features.
    differencesTo: (current) => {
      if (compared?.to !== current) compared = { to: current, differences: featureChanges(catalog, current) };
      return compared.differences;
    },
  };
}
