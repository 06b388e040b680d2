// Plays many histories, two at a time, counts what they did and keeps those that fail.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHistory } from './check-history.ts';
import type { Violation } from './checks/violation.ts';
import { execute, type Played } from './execute.ts';
import { failpointsInSource } from './failpoints.ts';
import { type History, ONLINE_KINDS, type OnlineKind, STORAGE_KINDS, type StorageKind } from './history.ts';
import { randomHistory } from './random-history.ts';
import { whyNoDisk } from './storage-kinds.ts';
import { Tally } from './tally.ts';

const AT_A_TIME = 2;
/** Fewer histories may miss a kind of fault by chance. */
const ALL_KINDS_FROM = 200;
const FAILURES = join(tmpdir(), 'plumb-faults-failures');

export interface Failure {
  readonly history: History;
  readonly violations: readonly Violation[];
  readonly file: string;
}

interface ManyOptions {
  readonly first: number;
  readonly histories: number;
  readonly minutes: number;
  readonly online: OnlineKind | null;
  readonly storage: StorageKind | null;
  readonly say: (line: string) => void;
}

interface Outcome {
  readonly tally: Tally;
  readonly failures: readonly Failure[];
  readonly missing: readonly string[];
}

export async function runMany({ first, histories, minutes, online, storage, say }: ManyOptions): Promise<Outcome> {
  const noDisk = await whyNoDisk();
  if (noDisk !== null) say(`no history fills a disk: ${noDisk}`);
  const options = { failpoints: await failpointsInSource(), online, storage, disk: noDisk === null };
  const [tally, failures] = [new Tally(), [] as Failure[]];
  const startedAt = performance.now();
  const secondsGone = (): number => (performance.now() - startedAt) / 1000;
  let next = first;
  const work = async (): Promise<void> => {
    while (next < first + histories && secondsGone() < minutes * 60) {
      const history = randomHistory(next++, options);
      const failure = await playOne(history, tally);
      if (failure !== null) {
        failures.push(failure);
        say(describe(failure));
      }
      const rate = (tally.histories / secondsGone()).toFixed(2);
      say(`${tally.histories} of ${histories} histories, seeds from ${first}, ${rate}/s, ${failures.length} failed`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  say(`${tally.histories} histories in ${secondsGone().toFixed(0)} s, seeds ${first} to ${next - 1}`);
  for (const line of tally.lines()) say(line);
  const possible = {
    online: online === null ? ONLINE_KINDS : [online],
    storage: storage === null ? STORAGE_KINDS : [storage],
    disk: noDisk === null,
  };
  const missing = tally.histories < ALL_KINDS_FROM ? [] : tally.missing(possible);
  return { tally, failures, missing };
}

async function playOne(history: History, tally: Tally): Promise<Failure | null> {
  let played: Played | null = null;
  let violations: readonly Violation[];
  try {
    played = await execute(history);
    tally.add(played);
    violations = checkHistory(played);
  } catch (error) {
    violations = [{ check: 'played', message: error instanceof Error ? `${error.stack}` : String(error) }];
  }
  if (violations.length === 0) return null;
  return { history, violations, file: await keep(history, violations, played) };
}

export const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner), 1);

/** The history for --replay, and beside it what was seen. */
async function keep(history: History, violations: readonly Violation[], played: Played | null): Promise<string> {
  await mkdir(FAILURES, { recursive: true });
  const file = join(FAILURES, `${history.seed}.json`);
  await writeFile(file, jsonOf(history));
  await writeFile(join(FAILURES, `${history.seed}.seen.json`), jsonOf({ violations, ...played }));
  return file;
}

const LONGEST_MESSAGE = 1500;
const SHOWN = 5;

export function describe({ history, violations, file }: Failure): string {
  const shown = violations
    .slice(0, SHOWN)
    .map(({ check, message }) => `  ${check}: ${message.slice(0, LONGEST_MESSAGE)}`);
  const more = violations.length > SHOWN ? [`  and ${violations.length - SHOWN} more`] : [];
  const { world: _, ...rest } = history;
  return [
    `seed ${history.seed} failed:`,
    ...shown,
    ...more,
    `  ${JSON.stringify(rest)}`,
    `  repeat: npm run test:faults -- --replay ${file}`,
  ].join('\n');
}
