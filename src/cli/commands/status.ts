// plumb status: how far each view is materialized, and its last runs.
import { Option } from 'commander';
import type { StreamState } from '../../../schemas/wire-types.ts';
import { heldName } from '../../catalog/learned.ts';
import { counted } from '../../counted.ts';
import { nowMicros } from '../../instant.ts';
import type { RunReport, ViewStatus } from '../../materialize/run.ts';
import { wantedViews } from '../../materialize/wanted-views.ts';
import { type ToldFreshness, toldFreshness } from '../../schedule/freshness.ts';
import type { Register } from '../command.ts';
import { parseMillis } from '../duration-option.ts';
import { runTable } from '../run-table.ts';
import { healthExitCode } from '../status-health.ts';
import { section, table } from '../table.ts';
import { durationText } from '../units.ts';

const RUNS_SHOWN = 10;
const STALE_AFTER = '10m';

interface Options {
  readonly exitCode?: boolean;
  /** Milliseconds. */
  readonly staleAfter: number;
}

type FreshStatus = Omit<ViewStatus, 'timed'> & ToldFreshness;

export const registerStatus: Register = (program, run) => {
  program
    .command('status')
    .description('show watermarks, freshness, live generations and recent runs')
    .option('--exit-code', 'end with 3 where a view is stale, 4 where one has failed')
    .addOption(
      new Option('--stale-after <duration>', 'how long a run may be overdue until the view is stale')
        .default(parseMillis(STALE_AFTER), STALE_AFTER)
        .argParser(parseMillis),
    )
    .action(
      run(async (invocation, { exitCode = false, staleAfter }: Options) => {
        const config = await invocation.config();
        await using registry = await invocation.app.openRegistry(config, invocation.openOptions());
        const catalog = await registry.current();
        const { version } = catalog;
        await using materializer = await invocation.app.openMaterializer(config, invocation.openOptions());
        const now = nowMicros();
        const found = await materializer.status();
        const views = found.map(({ timed, ...view }) => ({
          ...view,
          ...toldFreshness({ ...view, timed }, now),
        }));
        invocation.result({ project: config.project, version, views }, () =>
          statusText(`${config.project}, version ${version}`, views),
        );
        const wanted = wantedViews(catalog, { views: null });
        const served = new Set(wanted.map(({ name }) => name));
        return exitCode ? healthExitCode(views, { staleAfterSeconds: staleAfter / 1000, served }) : 0;
      }),
    );
};

function statusText(title: string, views: readonly FreshStatus[]): string {
  const rows = views.map((view) => [
    ...[
      heldName(view.view, view.boundTo),
      view.kind,
      view.watermark,
      overdueText(view),
      view.generation,
      stateOf(view),
    ],
  ]);
  const runs = views
    .flatMap(({ lastRuns }) => lastRuns)
    .sort(newestFirst)
    .slice(0, RUNS_SHOWN);
  const emptied = views.filter((view) => view.emptied).map(({ view }) => view);
  return [
    `${title}\n`,
    section('Feature views', table(['view', 'kind', 'watermark', 'overdue', 'generation', 'state'], rows)),
    ...(emptied.length === 0 ? [] : [emptiedText(emptied)]),
    ...views.flatMap(noticesOf),
    runs.length === 0 ? 'No runs yet: run `plumb materialize`.' : section('Last runs', runTable(runs)),
  ].join('\n');
}

/** null, which shows as nothing, where no run is missing or none is scheduled. */
const overdueText = ({ overdueSeconds }: FreshStatus): string | null =>
  overdueSeconds === null || overdueSeconds === 0 ? null : durationText(overdueSeconds);

const emptiedText = (views: readonly string[]): string =>
  `The online store has nothing of ${views.join(', ')}, though runs succeeded: it was emptied, or is another one.\n` +
  'Run `plumb materialize` to load the last snapshot and go on from there, or `plumb materialize --from-snapshot` to load\n' +
  'it and compute nothing.\n';

const noticesOf = ({ view, unread, damaged }: FreshStatus): readonly string[] => [
  ...(unread === null ? [] : [`Not read, ${view}: ${unread}.\n`]),
  ...damaged.map((message) => `Damaged, ${view}: ${message}.\n`),
];

function stateOf(status: FreshStatus): string {
  const { online, watermark, changed, emptied, pendingRun, runningBy, boundTo, stream } = status;
  if (stream !== undefined && boundTo === undefined) return streamText(stream, changed);
  if (runningBy?.isDamaged === true) return 'its lease is damaged';
  if (runningBy !== null) return `process ${runningBy.pid} on ${runningBy.host} is ${runningBy.purpose}`;
  if (emptied) return 'lost by the online store';
  if (pendingRun !== null) return `run ${pendingRun} is unfinished; the next one completes it`;
  if (!online) return 'training sets only';
  if (boundTo !== undefined)
    return watermark === null ? 'a former definition; the next run fills it' : 'a former definition, held';
  if (watermark === null) return 'never materialized';
  return changed ? 'definition changed; the next run rebuilds it' : 'live';
}

function streamText({ source, isLive, isFilling, lagEvents, lagSeconds }: StreamState, changed: boolean): string {
  if (!isLive) return `waits for \`plumb serve\` to fill it from ${source}`;
  const lag =
    lagEvents === null ? '' : lagEvents === 0 ? ', has all events' : `, ${counted(lagEvents, 'event')} behind`;
  const since = lagSeconds === null || lagSeconds === 0 ? '' : ` for ${durationText(lagSeconds)}`;
  return `live from ${source}${lag}${since}${changed || isFilling ? '; the next one is filled' : ''}`;
}

const newestFirst = (a: RunReport, b: RunReport): number => b.startedAt.localeCompare(a.startedAt);
