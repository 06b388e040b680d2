// The engine that a project file names, for src/main.ts.
import { PlumbError } from '../../schemas/errors.ts';
import type { Config } from '../config/config.ts';
import type { EngineLimits } from '../offline/duckdb/session.ts';
import type { Engine } from '../offline/engine.ts';

export async function openEngine(config: Config): Promise<Engine> {
  return (await import('../offline/duckdb/duckdb-engine.ts')).createDuckdbEngine(engineLimits(config));
}

/** NOT_SUPPORTED for an engine that is not built yet. */
export function engineLimits({ engine }: Config): EngineLimits {
  if (engine.kind !== 'duckdb')
    throw new PlumbError('NOT_SUPPORTED', 'engine: { kind: spark } is not supported yet; use { kind: duckdb }');
  const { memoryLimitBytes, threads, tempFolder } = engine;
  return { memoryBytes: memoryLimitBytes, threads, spillFolder: tempFolder };
}
