// What /readyz of a server says, on many connections at once, so that each of its workers is asked.
import { until } from '../waiting.ts';
import { KeptAlive } from './keep-alive-load.ts';
import type { RunningServe } from './project.ts';

export const onManyConnections = <T>(ask: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: 24 }, ask));

/** Status and body. */
export async function readiness({ url }: Pick<RunningServe, 'url'>): Promise<string> {
  const kept = await KeptAlive.open(url);
  const { status, body } = await kept.ask('GET', '/readyz');
  kept.close();
  return `${status} ${body}`;
}

export const areAll =
  (pattern: RegExp) =>
  (answers: readonly string[]): boolean =>
    answers.every((answer) => pattern.test(answer));

export const untilAll = (server: RunningServe, pattern: RegExp): Promise<readonly string[]> =>
  until(() => onManyConnections(() => readiness(server)), areAll(pattern));
