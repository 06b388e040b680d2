// What a write of all rows does to those who read meanwhile: latencies of lookups that arrive at a constant rate, first while
// nothing is written, then while `plumb materialize --full` fills a new generation in the same Redis.
import type { Options } from './options.ts';
import { PLUMB, type PlumbProject } from './plumb-project.ts';
import { mulberry32 } from './random.ts';
import { type OpenLoadResult, openLoop } from './serving/open-loop.ts';
import { startServerProcess } from './serving/server-process.ts';

export interface ReadsDuringWrite {
  readonly idle: OpenLoadResult;
  readonly writing: OpenLoadResult;
}

/** Low enough that two cores, on which four processes run then, are not full of lookups alone. */
const REQUESTS_PER_SECOND = 500;
const BODIES = 10_000;

export async function readsDuringWrite(
  { rows, seed, seconds, connections }: Options,
  project: PlumbProject,
  view: string,
  until: string,
): Promise<ReadsDuringWrite> {
  await using server = await startServerProcess([PLUMB, 'serve', '--port', '0'], project.folder);
  const random = mulberry32(seed);
  const bodies = Array.from(
    { length: BODIES },
    () => `{"features":["${view}:*"],"entities":[{"user_id":${Math.floor(random() * rows)}}]}`,
  );
  const load = { url: server.url, bodies, connections, requestsPerSecond: REQUESTS_PER_SECOND };
  await openLoop({ ...load, seconds: 1 }); // The code gets warm.
  const idle = await openLoop({ ...load, seconds });
  const isWritten = new AbortController();
  const [writing] = await Promise.all([
    openLoop({ ...load, seconds: 3600, until: isWritten.signal }),
    project.plumbOk('materialize', view, '--until', until, '--full').finally(() => isWritten.abort()),
  ]);
  return { idle, writing };
}
