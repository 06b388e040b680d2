// The registered versions of a project.
import type { Config } from '../config/config.ts';
import { type Opening, openObjectStore } from './stores.ts';

/** For who only reads them: nothing that reads definitions is loaded. */
export async function openVersions(config: Config, stack: AsyncDisposableStack, options: Opening) {
  const { RegisteredVersions } = await import('../registry/registered-versions.ts');
  return new RegisteredVersions(stack.use(await openObjectStore(config, options)), config.project);
}
