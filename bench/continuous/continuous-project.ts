// A project of the bench's events on the store that is measured, not materialized yet.
import { RedisServer } from '../../test/servers/redis.ts';
import type { Options } from '../options.ts';
import { type PlumbProject, plumbProject } from '../plumb-project.ts';
import { type Events, eventsFile } from './events.ts';
import { definitions } from './views.ts';

export interface ContinuousProject extends AsyncDisposable {
  readonly project: PlumbProject;
  /** The Parquet file of its source. */
  readonly path: string;
  /** null: LMDB. */
  readonly redis: RedisServer | null;
}

export async function continuousProject(
  options: Options,
  events: Events,
  views: readonly string[],
): Promise<ContinuousProject> {
  await using stack = new AsyncDisposableStack();
  const redis = options.store === 'redis' ? stack.use(await RedisServer.start()) : null;
  const online = redis === null ? { kind: 'lmdb' } : { kind: 'redis', url: redis.url };
  const path = await eventsFile(options, events);
  const project = stack.use(await plumbProject(options, definitions(path, views), online));
  const owned = stack.move();
  return { project, path, redis, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export const EVENTS_PER_KEY = [10, 100, 1_000] as const;

/** As many events in all, whatever each key has of them. */
export const eventsOf = ({ rows }: Options, eventsPerKey: number): Events => ({
  keys: Math.max(1, Math.floor(rows / eventsPerKey)),
  eventsPerKey,
});
