// Where another module of Plumb is, for those that are named by URL and not imported: sources in a clone, compiled JavaScript
// in the package (scripts/build-package.ts), whose imports tsc rewrites, but not such texts.
import { extname } from 'node:path';

/** `path` is relative to the module at `from`, without its ending. */
export const ownModule = (path: string, from: string): URL => new URL(`${path}${extname(from)}`, from);
