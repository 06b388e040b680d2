// plumb get --watch: the same lookup again and again, until the user has seen enough.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type { LookupQuery } from '../../http/lookup/lookup-query.ts';
import type { Lookups } from '../../http/lookup/lookups.ts';
import { type Io, SIGNAL_EXIT_CODES } from '../io.ts';
import { type Answer, ask } from './answer.ts';
import type { WatchView } from './watch-view.ts';

export interface Watch {
  readonly query: LookupQuery;
  readonly everySeconds: number;
  /** Called again as long as it rejects. */
  readonly open: () => Promise<Lookups & AsyncDisposable>;
}

/** Resolves at the first signal. A wrong request rejects; what may pass is shown. */
export async function watch({ query, everySeconds, open }: Watch, view: WatchView, io: Io): Promise<void> {
  const stop = new AbortController();
  using _signals = stopOnSignal(io, stop, view);
  await using stack = new AsyncDisposableStack();
  let lookups: Lookups | null = null;
  const lookup = async (): Promise<Answer> => {
    lookups ??= stack.use(await open());
    return ask(lookups, query);
  };
  while (!stop.signal.aborted) {
    await lookup().then(
      (answer) => view.show(answer),
      (error) => view.fail(requirePassing(error)),
    );
    await sleep(everySeconds * 1000, undefined, { signal: stop.signal }).catch(() => {});
  }
}

/** What others may mend while we wait: a store that is away, and a view that a run has yet to fill. */
function requirePassing(error: unknown): PlumbError {
  if (error instanceof PlumbError && (error.retryable || error.code === 'NOT_MATERIALIZED')) return error;
  throw error;
}

/** A second signal ends the process, which is no reason to leave a terminal without its cursor. */
const stopOnSignal = (io: Io, stop: AbortController, view: WatchView): Disposable =>
  io.onSignal((signal) => {
    if (!stop.signal.aborted) return stop.abort();
    view[Symbol.dispose]();
    io.exitNow(SIGNAL_EXIT_CODES[signal]);
  });
