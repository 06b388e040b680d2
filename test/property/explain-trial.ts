// Explanations of the answers of random worlds, which are right: each value that is computed anew has to equal the answer.
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { DataType } from '../../schemas/types.ts';
import { caseValue } from '../../src/audit/explain/case-value.ts';
import { conformanceCase } from '../../src/audit/explain/conformance-case.ts';
import type { Explained } from '../../src/audit/explain/explainer.ts';
import { type Cell, evaluateFeatures } from '../../src/testing/index.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { OnlineProject } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

export const explainTrial: Trial = {
  name: 'explain',
  world: (seed) => randomWorld(seed, { level: 2, maxViews: 3, bytes: seed % 7 === 0, labels: seed % 3 === 0 }),
  mismatch: async (world) => {
    try {
      return await explainMismatch(world, world.seed % 2 === 0 ? 'parquet' : 'jsonl');
    } catch (error) {
      return `failed: ${error instanceof Error ? error.stack : String(error)}`;
    }
  },
};

async function explainMismatch(world: RandomWorld, format: 'parquet' | 'jsonl'): Promise<string | undefined> {
  await using project = await OnlineProject.create(world, { store: 'memory', format });
  for (const step of world.online ?? []) {
    await project.append(step.append);
    await project.materialize(step.until, 'incremental');
    const explained = (await project.explain(step)).flat();
    const different = explained.find(({ explanation }) => !explanation.equal)?.explanation;
    if (different !== undefined) return `at ${step.at}: ${show(different)}`;
    const one = explained[world.seed % explained.length];
    const mismatch = one === undefined ? undefined : await caseMismatch(one);
    if (mismatch !== undefined) return `at ${step.at}: ${mismatch}`;
  }
  return undefined;
}

interface SavedTable {
  readonly columns: readonly (readonly [string, string])[];
  readonly rows: readonly (readonly Cell[])[];
}

/** As it is read back from a file. */
interface SavedCase {
  readonly definitions: DefinitionsInput;
  readonly service: string;
  readonly tables: Readonly<Record<string, SavedTable>>;
  readonly labels: SavedTable & { readonly timestampColumn: string };
  readonly expected: { readonly error?: true; readonly rows?: readonly (readonly Cell[])[] };
}

/** A value that is kept as a case comes out again where nothing but the case is known. */
async function caseMismatch(explained: Explained): Promise<string | undefined> {
  const { view } = explained.served;
  const type = view.features.find(({ name }) => name === explained.entry.feature)?.type as DataType;
  const saved = JSON.parse(JSON.stringify(conformanceCase(explained))) as SavedCase;
  const { definitions, service, labels, expected } = saved;
  const tables = Object.fromEntries(Object.entries(saved.tables).map(([name, table]) => [name, objectsOf(table)]));
  const at = objectsOf(labels);
  const evaluation = { definitions, tables, service, at, timestampColumn: labels.timestampColumn };
  const got = await evaluateFeatures(evaluation).then(
    ([row]) => caseValue(type, Object.values(row ?? {})[0] ?? null),
    (error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (expected.error === true)
    return String(got).startsWith('failed: ') ? undefined : `expected to fail: ${show(saved)}`;
  const [want = null] = expected.rows?.[0] ?? [];
  return isAlike(got, want) ? undefined : `the case gives ${show(got)}: ${show(saved)}`;
}

const objectsOf = ({ columns, rows }: SavedTable): Readonly<Record<string, Cell>>[] =>
  rows.map((row) => Object.fromEntries(columns.map(([name], i) => [name, row[i] ?? null])));

/** As the runner of the cases compares. */
const isAlike = (got: unknown, want: unknown): boolean =>
  typeof got === 'number' && typeof want === 'number'
    ? Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want))
    : show(got) === show(want);

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
