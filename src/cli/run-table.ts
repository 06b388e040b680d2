// Runs of the materializer, for people.
import type { RunReport } from '../materialize/run.ts';
import { table } from './table.ts';

const HEAD = ['view', 'run', 'mode', 'outcome', 'until', 'scanned', 'written', 'gone', 'seconds', 'notice'];

export const runTable = (runs: readonly RunReport[]): string => table(HEAD, runs.map(runRow));

function runRow(run: RunReport) {
  const seconds = (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000;
  const { view, mode, outcome, until, rowsScanned, rowsWritten, tombstonesWritten } = run;
  return [
    view,
    run.run,
    mode,
    outcome,
    until,
    rowsScanned,
    rowsWritten,
    tombstonesWritten,
    seconds.toFixed(1),
    noticeOf(run),
  ];
}

function noticeOf({ notice, invalidValues }: RunReport): string {
  const invalid = Object.entries(invalidValues).map(([feature, count]) => `${count} values of ${feature} are INVALID`);
  return [...(notice === null ? [] : [notice]), ...invalid].join('; ');
}
