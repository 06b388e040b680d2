// The failpoints that the source has, by the command that reaches them: a new one is met without anything to do here.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './history.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Whose names the failpoints of their own begin with. */
const KINDS = ['apply', 'materialize', 'dataset', 'gc'] as const;

export type Failpoints = Readonly<Record<Command['kind'], readonly string[]>>;

export async function failpointsInSource(): Promise<Failpoints> {
  const names = new Set<string>();
  for await (const file of glob('src/**/*.ts', { cwd: ROOT, exclude: (name) => name.endsWith('.test.ts') })) {
    const calls = (await readFile(join(ROOT, file), 'utf8')).matchAll(/\bfailpoint\('([^']+)'\)/g);
    for (const [, name] of calls) names.add(name as string);
  }
  const all = [...names].toSorted();
  const own = (kind: string): readonly string[] => all.filter((name) => name.startsWith(`${kind}.`));
  const shared = all.filter((name) => !KINDS.some((kind) => name.startsWith(`${kind}.`)));
  const of = (kind: Command['kind']) => [...own(kind), ...own(kind), ...shared];
  return {
    ...{ apply: of('apply'), materialize: of('materialize'), dataset: of('dataset'), gc: of('gc') },
    keep: shared,
  };
}
