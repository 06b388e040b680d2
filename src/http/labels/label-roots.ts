// `labels.path` of a request → the real path of a file under one of `server.labelRoots`. What lies outside is never looked
// at, and refused in the same words whether it exists or not.
import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import { labelFormat } from '../../offline/label-format.ts';
import { shorten } from '../../quote.ts';

const PATH = '$.labels.path';

/** `roots`: absolute. A relative path is looked for in each. */
export async function requireLabelPath(path: string, roots: readonly string[]): Promise<string> {
  if (roots.length === 0) throw refused('no label files can be read by path here: set server.labelRoots');
  const inside = roots.map((root) => resolve(root, path)).filter((candidate, i) => isUnder(candidate, roots[i] ?? ''));
  if (inside.length === 0 || path.includes('\0')) throw outside();
  for (const candidate of inside) {
    const real = await realpath(candidate).catch(() => null);
    if (real === null) continue;
    if (!(await isUnderReal(real, roots))) throw outside();
    labelFormat(basename(real));
    if ((await stat(real)).isFile()) return real;
    throw new PlumbError('INVALID_LABELS', `${PATH}: ${path} is not a file`, { details: { path: PATH } });
  }
  throw new PlumbError('INVALID_LABELS', `${PATH}: there is no file ${shorten(path)} under server.labelRoots`, {
    details: { path: PATH },
  });
}

/** Links may lead from one root to another, and a root may itself be one. */
async function isUnderReal(real: string, roots: readonly string[]): Promise<boolean> {
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => null)));
  return realRoots.some((root) => root !== null && isUnder(real, root));
}

const isUnder = (path: string, root: string): boolean => path.startsWith(root.endsWith(sep) ? root : join(root, sep));

const outside = (): PlumbError => refused('expected a file under one of server.labelRoots');
const refused = (message: string): PlumbError =>
  new PlumbError('INVALID_REQUEST', `${PATH}: ${message}`, { details: { path: PATH } });
