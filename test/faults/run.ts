// npm run test:faults -- [--histories N] [--seed N] [--minutes M] [--storage file|s3] [--online redis|lmdb] [--replay FILE]
//
// The first seed is random unless it is given; seeds count up. What fails is written to a file that --replay plays again,
// and made smaller.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type History, ONLINE_KINDS, STORAGE_KINDS } from './history.ts';
import { describe, type Failure, jsonOf, runMany } from './run-many.ts';
import { shrink, violationsOf } from './shrink.ts';

const REPLAYS = 5;
const SHRINK_RUNS = 30;
const MOST_SHRUNK = 2;

async function replay(file: string, say: (line: string) => void): Promise<boolean> {
  const history = JSON.parse(await readFile(file, 'utf8')) as History;
  let failed = 0;
  for (let i = 1; i <= REPLAYS; i += 1) {
    const violations = await violationsOf(history);
    if (violations.length > 0) failed += 1;
    say(`${i} of ${REPLAYS}: ${violations.length === 0 ? 'no violation' : describe({ history, violations, file })}`);
  }
  return failed === 0;
}

async function shrinkAll(failures: readonly Failure[], say: (line: string) => void): Promise<void> {
  for (const { history, violations, file } of failures.slice(0, MOST_SHRUNK)) {
    const check = violations[0]?.check ?? '';
    const smallest = await shrink(history, check, SHRINK_RUNS, ({ rounds }) =>
      say(`seed ${history.seed}: still ${check} with ${rounds.length} rounds`),
    );
    const small = file.replace(/\.json$/, '.small.json');
    await writeFile(small, jsonOf(smallest));
    say(
      `seed ${history.seed}, smallest of ${SHRINK_RUNS} runs: ${JSON.stringify(smallest.rounds)}\n  repeat: npm run test:faults -- --replay ${small}`,
    );
  }
}

function chosen<T extends string>(kinds: readonly T[], text: string | undefined): T | null {
  if (text === undefined) return null;
  const kind = kinds.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new Error(`found ${text}, expected ${kinds.join(' or ')}`);
}

async function main(): Promise<number> {
  const texts = ['histories', 'seed', 'minutes', 'storage', 'online', 'replay'] as const;
  const options = Object.fromEntries(texts.map((name) => [name, { type: 'string' } as const]));
  const values = parseArgs({ options }).values as Partial<Record<(typeof texts)[number], string>>;
  const say = console.log;
  if (values.replay !== undefined) return (await replay(values.replay, say)) ? 0 : 1;
  const { failures, missing } = await runMany({
    first: Number(values.seed ?? Math.floor(Math.random() * 2 ** 30)),
    histories: Number(values.histories ?? 20),
    minutes: Number(values.minutes ?? Number.POSITIVE_INFINITY),
    online: chosen(ONLINE_KINDS, values.online),
    storage: chosen(STORAGE_KINDS, values.storage),
    say,
  });
  if (missing.length > 0) say(`these faults never hit: ${missing.join(', ')}`);
  await shrinkAll(failures, say);
  return failures.length === 0 && missing.length === 0 ? 0 : 1;
}

process.exit(await main());
