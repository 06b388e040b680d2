// The keys of a view at the instants of a grid → parts, or SQL.
import { createDuckdbCompiler } from '../../sql/duckdb/compiler.ts';
import { explainedSteps, type Script } from '../../sql/script.ts';
import type { Explained, PartFile } from '../compute.ts';
import { type LocalKeysJob, localPaths } from './local-jobs.ts';
import { PAIRS_PER_ROW, scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { writePart, writeParts } from './write-parts.ts';

export async function listKeys(limits: EngineLimits, job: LocalKeysJob): Promise<readonly PartFile[]> {
  await using session = await openFor(limits, job);
  const { steps, result } = await compile(session, job);
  for (const step of steps) await session.run(step.sql);
  await session.run(`CREATE TEMP TABLE keys AS\n${result}`);
  const part = { folder: job.folder, prefix: 'keys' };
  const parts = await writeParts(session, 'keys', part);
  return parts.length > 0 ? parts : [await writePart(session, 'SELECT * FROM keys', { ...part, index: 0, rows: 0 })];
}

export async function explainKeys(limits: EngineLimits, job: LocalKeysJob): Promise<Explained> {
  await using session = await openFor(limits, job);
  const script = await compile(session, job);
  return { strategy: script.strategy, sql: explainedSteps(script) };
}

const openFor = (limits: EngineLimits, { files, folder, signal }: LocalKeysJob): Promise<DuckdbSession> => {
  const foreign = localPaths(files);
  return DuckdbSession.open({ ...limits, files: foreign, foreign, folders: [folder], signal });
};

async function compile(session: DuckdbSession, { plan, files }: LocalKeysJob): Promise<Script> {
  const { rows } = plan.values;
  const scan = await scanner(session, [rows], new Map([[rows.scan.id, files]]));
  return createDuckdbCompiler({ scan, pairsPerRow: PAIRS_PER_ROW }).compileKeys(plan);
}
