// What the tests of the HTTP surface share: requests, waiting for jobs, the processes of a server.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import type { Job, JobStatus, WireError } from '../../schemas/wire-types.ts';
import { until } from '../waiting.ts';
import { writeParquetFile } from './parquet-file.ts';
import { childrenOf, type TempProject, tempProject } from './project.ts';

export const post = (url: string, path: string, body: unknown): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export async function answerOf<T>(response: Response, status = 200): Promise<T> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text) as T;
}

/** The error of an answer, whose status is that of its code. */
export async function refusal(response: Response, code: ErrorCode): Promise<WireError> {
  const text = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/, text);
  const { error } = JSON.parse(text) as { error: WireError };
  assert.deepEqual([error.code, response.status], [code, ERRORS[code].status], text);
  assert.doesNotMatch(text, /node:|\.ts:\d|node_modules/, 'a stack trace');
  return error;
}

export const getJob = async (url: string, id: string): Promise<Job> =>
  answerOf<Job>(await fetch(`${url}/v1/jobs/${id}`));

/** Polls until `accept`; fails after a minute. */
export async function waitFor(url: string, id: string, accept: (job: Job) => boolean): Promise<Job> {
  return await until(() => getJob(url, id), accept);
}

export const hasEnded = ({ status }: Job): boolean => !['queued', 'running'].includes(status);
export const is =
  (status: JobStatus) =>
  (job: Job): boolean =>
    job.status === status;

/**
 * The worker of the running job, once it runs its own program: a child that is stopped between fork and exec stops its
 * parent with it, which waits for the exec.
 */
export async function workerOf(pid: number): Promise<number> {
  return (await until(async () => {
    for (const child of await childrenOf(pid)) {
      const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
      if (command.includes('job-worker')) return child;
    }
    return null;
  })) as number;
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const untilDead = (pid: number): Promise<boolean> => until(() => !isAlive(pid));

const KEYS = 200_000;
const LARGE = `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources: [{ name: profiles, kind: batch, path: data/profiles.parquet, format: parquet, timestampColumn: ts }]
featureViews:
  - { name: profile, kind: row, entities: [user], source: profiles, features: [{ name: score, type: float64 }] }
featureServices: [{ name: ranking, features: ["profile:*"] }]
`;

/** Enough rows that a job is met in the middle. */
export async function largeProject(server = '{}'): Promise<TempProject> {
  const project = await tempProject({
    'plumb.yaml': `project: large\nengine: { kind: duckdb, threads: 1 }\nserver: ${server}\n`,
    'features/large.yaml': LARGE,
  });
  await mkdir(join(project.folder, 'data'));
  await writeParquetFile(
    join(project.folder, 'data/profiles.parquet'),
    `SELECT range AS user_id, TIMESTAMP '2026-01-01' AS ts, range / 2 AS score FROM range(${KEYS})`,
  );
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

/** Waits until nothing but records is left of jobs: no labels, no signs of life, no requests to cancel. */
export async function untilTidy(project: TempProject): Promise<void> {
  const left = async () =>
    (await project.stored()).filter((path) => /^(jobs|work)\//.test(path) && !/^jobs\/[^/.]+\.json$/.test(path));
  await until(left, ({ length }) => length === 0);
}
