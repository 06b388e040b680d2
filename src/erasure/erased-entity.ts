// The entity whose keys are to be erased. One that is defined no more counts as it last was: runs, training sets and the
// generations of former definitions hold its keys still.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, Entity } from '../catalog/catalog.ts';
import { unknownName } from '../catalog/look-up.ts';

export interface EntityPorts {
  readonly catalog: () => Promise<Catalog>;
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
}

/** UNKNOWN_NAME where no registered version has it. */
export async function erasedEntity({ catalog, version }: EntityPorts, name: string): Promise<Entity> {
  const current = await catalog();
  const defined = current.entities.get(name);
  if (defined !== undefined) return defined;
  for (let former = current.version - 1; former > 0; former -= 1) {
    const entity = (await versionOrNull(version(former)))?.entities.get(name);
    if (entity !== undefined) return entity;
  }
  throw unknownName('entity', name, current.entities.keys());
}

/** null: that version is gone. */
export async function versionOrNull(reading: Promise<Catalog>): Promise<Catalog | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'UNKNOWN_NAME') return null;
    throw error;
  }
}
