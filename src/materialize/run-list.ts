// Which runs there are, newest first, by one listing of the storage: the object that claims a run's number is written once,
// when the run begins.
import { formatInstant } from '../instant.ts';
import { RUNS_PREFIX, runOfKey } from '../offline/manifest-run.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { STARTED_FILE } from './run-files.ts';

export interface RunName {
  readonly view: string;
  /** 8 digits. */
  readonly run: string;
}

export interface ListedRun extends RunName {
  /** By the clock of the storage. */
  readonly beganAt: string;
  /** Lists go down by it: when the run began, then its id. */
  readonly cursor: string;
}

const ID = /^(\w{1,255})-(\d{8,16})$/;
const VIEW = /^\w{1,255}$/;
/** Of milliseconds, so that text sorts as numbers do. */
const DIGITS = 15;

export const runId = ({ view, run }: RunName): string => `${view}-${run}`;

/** null where that is no id of a run. */
export function placeOfRun(id: string): RunName | null {
  const [, view, run] = ID.exec(id) ?? [];
  return view === undefined || run === undefined ? null : { view, run };
}

/** `view`: null for all. A text that is no name of a view has no runs. */
export async function listRuns(store: ObjectStore, view: string | null): Promise<readonly ListedRun[]> {
  if (view !== null && !VIEW.test(view)) return [];
  const objects = await store.list(view === null ? RUNS_PREFIX : `${RUNS_PREFIX}${view}/`);
  const runs = objects.flatMap(({ key, modifiedAtMillis }) => {
    const found = runOfKey(key);
    if (found === null || found.file !== STARTED_FILE) return [];
    const millis = Math.floor(modifiedAtMillis);
    const cursor = `${millis.toString().padStart(DIGITS, '0')} ${runId(found)}`;
    return [{ view: found.view, run: found.run, beganAt: formatInstant(BigInt(millis) * 1000n), cursor }];
  });
  return runs.toSorted((left, right) => (left.cursor < right.cursor ? 1 : -1));
}
