// plumb stream-worker: applies the events of a server, in a process of its own. Hidden: the server starts it.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Register } from '../command.ts';

const TOLD_EVERY_MILLIS = 1000;

export const registerStreamWorker: Register = (program, run) => {
  program.command('stream-worker', { hidden: true }).action(
    run(async (invocation) => {
      if (process.send === undefined)
        throw new PlumbError('INVALID_REQUEST', 'stream-worker is started by `plumb serve`, not by hand');
      const stop = new AbortController();
      // Ctrl-C reaches the whole group of processes: the server decides when this one ends.
      using _signals = invocation.io.onSignal((signal) => void (signal === 'SIGTERM' && stop.abort()));
      process.on('disconnect', () => stop.abort());
      const logger = invocation.logger('info');
      const config = await invocation.config();
      await using streams = await invocation.app.openStreams(config, { logger, signal: stop.signal });
      const tell = (): void => {
        if (process.connected) process.send?.(streams.observed(), undefined, {}, () => {});
      };
      const telling = setInterval(tell, TOLD_EVERY_MILLIS);
      await streams.serve(stop.signal);
      clearInterval(telling);
      tell();
      if (process.connected) process.disconnect();
      return 0;
    }),
  );
};
