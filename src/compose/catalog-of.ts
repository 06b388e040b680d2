// Which definitions a command works with: the newest registered version, or those in files.
import type { Catalog } from '../catalog/catalog.ts';
import type { Drafting } from '../config/open-options.ts';
import type { Registry } from '../registry/registry.ts';

/** Files are read once: what they say later is another draft. */
export function catalogOf(registry: Pick<Registry, 'current' | 'draft'>, { draft = false }: Drafting) {
  if (!draft) return () => registry.current();
  let made: Promise<Catalog> | null = null;
  return () => {
    made ??= registry.draft();
    return made;
  };
}
