// npm run bench: measures training sets against hand-written queries and how they scale, materialization, lookups in process
// and over HTTP, from one process and from several, answers in JSON and in Arrow, reading with the SDK, a storage in S3, and,
// where it is asked for, Feast beside Plumb. Prints as it goes; raw values go to bench/results.
import { mkdir } from 'node:fs/promises';
import { answersBench } from './answers/answers.ts';
import { continuousBench } from './continuous/continuous-bench.ts';
import { failoverBench } from './failover/failover-bench.ts';
import { feastBench } from './feast/feast-bench.ts';
import { lookupBench } from './lookup/lookup-bench.ts';
import { describeMachine } from './machine.ts';
import { materializeBench } from './materialize.ts';
import type { Options, Piece } from './options.ts';
import { readOptions, USAGE } from './options.ts';
import type { Bench } from './results.ts';
import { markdown, saveResult, say } from './results.ts';
import { s3Bench } from './s3/s3.ts';
import { sdkBench } from './sdk/sdk.ts';
import { servingBench } from './serving/serving.ts';
import { workersBench } from './serving/workers.ts';
import { scalingBench } from './training/scaling.ts';
import { trainingBench } from './training/training.ts';

const BENCHES: Readonly<Record<Piece, (options: Options) => Promise<Bench>>> = {
  'training-uniform': (options) => trainingBench(options, 'uniform'),
  'training-hot': (options) => trainingBench(options, 'hot'),
  scaling: scalingBench,
  materialize: materializeBench,
  lookup: lookupBench,
  answers: answersBench,
  serving: servingBench,
  workers: workersBench,
  sdk: sdkBench,
  s3: s3Bench,
  failover: failoverBench,
  continuous: continuousBench,
  feast: feastBench,
};

if (process.argv.includes('--help')) say(USAGE);
else await runAll(readOptions(process.argv.slice(2)));

async function runAll(options: Options): Promise<void> {
  const machine = await describeMachine();
  say(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  await mkdir(options.dataFolder, { recursive: true });
  for (const piece of options.pieces) {
    say(`\n## ${piece}`);
    const bench = await BENCHES[piece](options);
    const file = await saveResult(options, machine, bench);
    say(`\n${markdown(bench.table)}${file === null ? '' : `\n\nraw values: ${file}`}`);
  }
}
