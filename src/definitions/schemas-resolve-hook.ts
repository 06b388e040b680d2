// Lets definition files import '@plumb/schemas' from any project, installed there or not: the builders of the Plumb that
// is running. Also says that definition modules are ES modules, whatever the package.json above them says.
import { registerHooks } from 'node:module';
import { extname } from 'node:path';
import { ownModule } from '../own-module.ts';

const SCHEMAS_URL = ownModule('../../schemas/index', import.meta.url).href;
const FORMATS: Readonly<Record<string, string>> = { '.ts': 'module-typescript', '.js': 'module' };

/** Runs `work` while the hook is in place for modules under `rootUrl` (a file: URL ending in `/`). */
export async function withSchemasResolved<T>(rootUrl: string, work: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === '@plumb/schemas') return { url: SCHEMAS_URL, shortCircuit: true };
      const resolved = nextResolve(specifier, context);
      const format = resolved.url.startsWith(rootUrl) ? FORMATS[extname(new URL(resolved.url).pathname)] : undefined;
      return format === undefined || resolved.url.includes('/node_modules/') ? resolved : { ...resolved, format };
    },
  });
  try {
    return await work();
  } finally {
    hooks.deregister();
  }
}
