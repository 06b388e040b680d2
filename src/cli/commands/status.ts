// plumb status: how far each view is materialized, and its last runs.
import type { RunReport, ViewStatus } from '../../materialize/run.ts';
import type { Register } from '../command.ts';
import { runTable } from '../run-table.ts';
import { section, table } from '../table.ts';

const RUNS_SHOWN = 10;

export const registerStatus: Register = (program, run) => {
  program
    .command('status')
    .description('show watermarks, live generations and recent runs')
    .action(
      run(async (invocation) => {
        const config = await invocation.config();
        await using registry = await invocation.app.openRegistry(config, invocation.openOptions());
        const { version } = await registry.current();
        await using materializer = await invocation.app.openMaterializer(config, invocation.openOptions());
        const views = await materializer.status();
        invocation.result({ project: config.project, version, views }, () =>
          statusText(config.project, version, views),
        );
        return 0;
      }),
    );
};

function statusText(project: string, version: number, views: readonly ViewStatus[]): string {
  const rows = views.map((view) => [view.view, view.kind, view.watermark, view.generation, stateOf(view)]);
  const runs = views
    .flatMap(({ lastRuns }) => lastRuns)
    .sort(newestFirst)
    .slice(0, RUNS_SHOWN);
  const emptied = views.filter((view) => view.emptied).map(({ view }) => view);
  return [
    `${project}, version ${version}\n`,
    section('Feature views', table(['view', 'kind', 'watermark', 'generation', 'state'], rows)),
    ...(emptied.length === 0 ? [] : [emptiedText(emptied)]),
    ...views.flatMap(noticesOf),
    runs.length === 0 ? 'No runs yet: run `plumb materialize`.' : section('Last runs', runTable(runs)),
  ].join('\n');
}

const emptiedText = (views: readonly string[]): string =>
  `The online store has nothing of ${views.join(', ')}, though runs succeeded: it was emptied, or is another one.\n` +
  'Run `plumb materialize` to load the last snapshot and go on from there, or `plumb materialize --from-snapshot` to load\n' +
  'it and compute nothing.\n';

const noticesOf = ({ view, unread, damaged }: ViewStatus): readonly string[] => [
  ...(unread === null ? [] : [`Not read, ${view}: ${unread}.\n`]),
  ...damaged.map((message) => `Damaged, ${view}: ${message}.\n`),
];

function stateOf({ online, watermark, changed, emptied, pendingRun, runningBy }: ViewStatus): string {
  if (runningBy?.isDamaged === true) return 'its lease is damaged';
  if (runningBy !== null) return `process ${runningBy.pid} on ${runningBy.host} is ${runningBy.purpose}`;
  if (emptied) return 'lost by the online store';
  if (pendingRun !== null) return `run ${pendingRun} is unfinished; the next one completes it`;
  if (!online) return 'training sets only';
  if (watermark === null) return 'never materialized';
  return changed ? 'definition changed; the next run rebuilds it' : 'live';
}

const newestFirst = (a: RunReport, b: RunReport): number => b.startedAt.localeCompare(a.startedAt);
