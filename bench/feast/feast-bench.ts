// Plumb beside Feast, each as its own documentation says, on the same data and the same machine: bench/feast/README.md.
import type { Options } from '../options.ts';
import type { Bench } from '../results.ts';
import { feastPrograms, feastVersions } from './feast-program.ts';
import { lookupRows, measureLookups } from './lookups.ts';
import { materializationRows, measureMaterialization } from './materialization.ts';
import { measureTrainingSets, trainingRows } from './training-sets.ts';
import { writeFiles } from './worlds.ts';

export async function feastBench(options: Options): Promise<Bench> {
  const bin = await feastPrograms(options);
  const versions = await feastVersions(bin);
  const files = await writeFiles(options);
  const training = await measureTrainingSets(options, bin, files);
  const materialization = await measureMaterialization(options, bin, files);
  const lookups = await measureLookups(options, bin, files);
  const table = [
    ['', 'Plumb', 'Feast', 'ratio'],
    ...lookupRows(lookups),
    ...materializationRows(materialization, options.rows),
    ...trainingRows(training, options.rows),
  ];
  return { name: 'feast', table, raw: { versions, lookups, materialization, training } };
}
