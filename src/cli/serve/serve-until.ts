// One process that answers over HTTP until it is told to stop. It listens before its stores are there, and waits for them.
import { once } from 'node:events';
import type { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../config/logger.ts';
import type { AnsweringParts, RunningServer } from '../../http/server.ts';
import type { ServerParts } from '../../http/server-parts.ts';
import { patiently } from './patiently.ts';

export interface Serving {
  readonly config: Config;
  readonly logger: Logger;
  readonly listen: () => Promise<RunningServer>;
  /** False: only when it can answer. */
  readonly listensAtOnce: boolean;
  readonly open: (stop: AbortSignal) => Promise<ServerParts & AsyncDisposable>;
  /** Throws while /readyz has to be 503 for more than what this process finds. */
  readonly requireReady?: () => void;
  /** Called once: it answers, or knows that it has to wait and says why. `url`: null where it does not listen yet. */
  readonly onAnnounced: (url: string | null) => void;
  readonly onReady: () => void;
  /** Takes what has to be closed once the server has stopped. */
  readonly opened: AsyncDisposableStack;
}

/** Resolves when `stop` has aborted and nothing is open. Rejects with what does not pass by itself. */
export async function serveUntil(stop: AbortSignal, serving: Serving): Promise<void> {
  const { config, logger, opened } = serving;
  const place: ServerPlace = { server: serving.listensAtOnce ? await serving.listen() : null };
  try {
    await answerUntil(stop, serving, place);
  } catch (error) {
    if (!stop.aborted) {
      await place.server?.stop(0);
      await opened.disposeAsync();
      throw error;
    }
  }
  const { cutOff } = (await place.server?.stop()) ?? { cutOff: 0 };
  const { drainTimeoutMillis } = config.server;
  if (cutOff > 0) logger.warn({ cutOff, drainTimeoutMillis }, 'requests that were not answered in time are cut off');
}

/** Empty until it listens. */
interface ServerPlace {
  server: RunningServer | null;
}

async function answerUntil(stop: AbortSignal, serving: Serving, place: ServerPlace): Promise<void> {
  const { logger, opened, open } = serving;
  const announce = onlyOnce(() => serving.onAnnounced(place.server?.url ?? null));
  const onReason = (reason: PlumbError): void => {
    logger.warn({ code: reason.code }, `not ready: ${reason.message}`);
    place.server?.waitFor(reason);
    announce();
  };
  const parts = opened.use(await patiently(() => open(stop), { signal: stop, onReason }));
  place.server ??= await serving.listen();
  place.server.answerFrom(answeringParts(parts, serving));
  announce();
  const told = new Set<string>();
  // Once each: servers of a Cluster are found away in turn.
  const onUnready = ({ code, message }: PlumbError): void => {
    if (!told.has(message)) logger.info({ code }, `not ready: ${message}`);
    told.add(message);
  };
  // What a store refuses now, such as our password, may be changed there.
  await patiently(() => parts.ready(), { signal: stop, onReason: onUnready, passing: ['INVALID_CONFIG'] });
  logger.info('ready');
  serving.onReady();
  if (!stop.aborted) await once(stop, 'abort');
}

function answeringParts(parts: ServerParts, { config, logger, requireReady }: Serving): AnsweringParts {
  const { limits, labelRoots, corsOrigins, duties } = config.server;
  const ready = async (): Promise<void> => {
    await parts.ready();
    requireReady?.();
  };
  return { ...parts, ready, limits, labelRoots, corsOrigins, duties, logger };
}

function onlyOnce(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
