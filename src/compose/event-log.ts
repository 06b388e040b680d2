// The log of events, opened when it is first asked for: a project without streams has no folder of it.

import { PlumbError } from '../../schemas/errors.ts';
import type { Config } from '../config/config.ts';
import type { EventLog } from '../ingest/event-log.ts';
import type { LogRetention } from '../ingest/retention/trim-log.ts';

/** Closed with the stack. One that could not be opened is opened anew when it is asked for again. */
export function lazyEventLog({ log, project }: Config, stack: AsyncDisposableStack): () => Promise<EventLog> {
  let opening: Promise<EventLog> | null = null;
  const open = async (): Promise<EventLog> => {
    if (log.kind !== 'embedded') throw notSupported(log.kind);
    const { EmbeddedEventLog } = await import('../ingest/embedded/embedded-event-log.ts');
    return stack.use(await EmbeddedEventLog.open(log.path, project));
  };
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
}

export function logRetention({ log }: Config): LogRetention {
  if (log.kind !== 'embedded') throw notSupported(log.kind);
  return log.retention;
}

const notSupported = (kind: string): PlumbError =>
  new PlumbError('NOT_SUPPORTED', `log.kind ${kind} is not supported yet`);
