// Suites that hold every engine to the same: each has a table with an entry for each kind of engine that the project file
// names. A kind that is forgotten does not compile; one that is not built says why.
import { test } from 'node:test';
import type { Project } from '../../schemas/project.ts';

export type EngineKind = Project['engine']['kind'];

export interface NotSupported {
  readonly NOT_SUPPORTED: string;
}

export type ByEngine<T extends object> = Readonly<Record<EngineKind, T | NotSupported>>;

export const NO_SPARK: NotSupported = { NOT_SUPPORTED: 'Spark is not built yet' };

const isSupported = <T extends object>(engine: T | NotSupported): engine is T => !('NOT_SUPPORTED' in engine);

/** The kinds that are built. */
export const supported = <T extends object>(engines: ByEngine<T>): readonly string[] =>
  Object.entries<T | NotSupported>(engines).flatMap(([kind, engine]) => (isSupported(engine) ? [kind] : []));

/** A test for each engine; skipped, with the reason, where it is not built. */
export function testInEngines<T extends object>(
  engines: ByEngine<T>,
  title: string,
  run: (engine: T, kind: string) => Promise<void>,
): void {
  for (const [kind, engine] of Object.entries<T | NotSupported>(engines)) {
    if (isSupported(engine)) test(`${kind}: ${title}`, () => run(engine, kind));
    else test(`${kind}: ${title}`, { skip: `NOT_SUPPORTED: ${engine.NOT_SUPPORTED}` }, () => {});
  }
}
