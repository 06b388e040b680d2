// What asks sources which files and columns they have, for src/main.ts.
import type { Config } from '../config/config.ts';
import { engineLimits } from './engine.ts';
import { openSourceFiles } from './source-files.ts';
import type { Opening } from './stores.ts';

export async function openSourceInspector(config: Config, stack: AsyncDisposableStack, options: Opening) {
  const { createDuckdbSourceInspector } = await import('../offline/duckdb/source-inspector.ts');
  return createDuckdbSourceInspector(engineLimits(config), await openSourceFiles(config, stack, options));
}
