// plumb job-worker: one job or one explanation of a server, in a process of its own. Hidden: the server starts it and speaks to it.
import { failpoint } from '../../failpoint.ts';
import type { Explaining } from '../../jobs/explanations.ts';
import type { Register } from '../command.ts';

export const registerJobWorker: Register = (program, run) => {
  program.command('job-worker', { hidden: true }).action(
    run(async (invocation) => {
      const [{ serveJob }, { explanationText }, { runInThisProcess }, { runScheduledCommand }] = await Promise.all([
        import('../../jobs/worker.ts'),
        import('../../audit/explain/explanation-text.ts'),
        import('../../jobs/run-job.ts'),
        import('../scheduled-commands.ts'),
      ]);
      const config = await invocation.config();
      const stop = new AbortController();
      // Ctrl-C reaches the whole group of processes: the server decides what becomes of its jobs.
      using _signals = invocation.io.onSignal((signal) => void (signal === 'SIGTERM' && stop.abort()));
      const open = (signal: AbortSignal) => ({ ...invocation.openOptions(), signal });
      const { commandLine, io } = invocation;
      const runner = runInThisProcess({
        runCommand: (words, signal) => runScheduledCommand({ words, config, env: io.env, signal }, commandLine),
        openDatasets: (signal) => invocation.app.openDatasets(config, open(signal)),
        openEraser: (signal) => invocation.app.openEraser(config, open(signal)),
        openMaterializer: (signal) => invocation.app.openMaterializer(config, open(signal)),
      });
      const explain: Explaining['explain'] = async (request, signal) => {
        failpoint('explain.begin');
        await using explainer = await invocation.app.openExplainer(config, open(signal));
        return explanationText(await explainer.explain(request));
      };
      await serveJob({ ...runner, explain }, stop.signal, (err) =>
        invocation.logger().error({ err }, 'internal error'),
      );
      return 0;
    }),
  );
};
