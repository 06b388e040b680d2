// Lookups in one process, without HTTP: from the request's text to the answer's bytes, against the bare store reading the
// same keys. What is left over is what Plumb adds.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireOk } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { type Bench, say, thousands } from '../results.ts';
import type { LookupRun } from './measure-lookup.ts';

interface Variant {
  readonly store: 'memory' | 'lmdb';
  readonly entities: number;
}

interface Measured extends Variant {
  readonly runs: readonly LookupRun[];
}

const VARIANTS: readonly Variant[] = (['memory', 'lmdb'] as const).flatMap((store) =>
  [1, 100].map((entities) => ({ store, entities })),
);

export async function lookupBench(options: Options): Promise<Bench> {
  await mkdir(options.dataFolder, { recursive: true });
  const runs = new Map(VARIANTS.map((variant) => [variant, [] as LookupRun[]]));
  for (let round = 0; round < options.runs; round += 1) {
    for (const variant of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
      const run = await measureLookup(options, variant);
      runs.get(variant)?.push(run);
      say(`${variant.store}, ${variant.entities} entities: ${thousands(run.lookups)} lookups/s of processor time`);
    }
  }
  const measured = [...runs].map(([variant, ofVariant]): Measured => ({ ...variant, runs: ofVariant }));
  return { name: 'lookup', table: tableOf(measured), raw: measured };
}

async function measureLookup(options: Options, { store, entities }: Variant): Promise<LookupRun> {
  const script = join(import.meta.dirname, 'measure-lookup.ts');
  const [keys, millis] = options.quick ? [200, 5] : [100_000, 1_000];
  const args = [script, store, entities, keys, options.seed, millis].map(String);
  return JSON.parse(
    await requireOk({ args, cwd: options.dataFolder, timeoutSeconds: options.timeoutSeconds }),
  ) as LookupRun;
}

function tableOf(measured: readonly Measured[]): Bench['table'] {
  const rows = measured.map(({ store, entities, runs }) => {
    const middle = runs.toSorted((a, b) => a.lookups - b.lookups)[Math.floor((runs.length - 1) / 2)];
    const { lookups = 0, reads = 1, answerBytes = 0 } = middle ?? {};
    return [
      `${store}, ${entities} × 20`,
      thousands(answerBytes),
      thousands(lookups),
      thousands(reads),
      (lookups / reads).toFixed(2),
    ];
  });
  return [['store, entities × features', 'answer bytes', 'lookups/s', 'bare reads/s', 'ratio'], ...rows];
}
