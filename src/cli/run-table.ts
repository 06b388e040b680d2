// Runs of the materializer, for people.

import { heldName } from '../catalog/learned.ts';
import { count } from '../counted.ts';
import type { RunReport } from '../materialize/run.ts';
import { quantity, table } from './table.ts';
import { durationText } from './units.ts';

const HEAD = ['view', 'run', 'mode', 'outcome', 'until', 'scanned', 'written', 'gone', 'took', 'notice'];

export const runTable = (runs: readonly RunReport[]): string => table(HEAD, runs.map(runRow));

function runRow(run: RunReport) {
  const seconds = (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000;
  const { view, boundTo, mode, outcome, until, rowsScanned, rowsWritten, tombstonesWritten } = run;
  return [
    heldName(view, boundTo),
    run.run,
    mode,
    outcome,
    until,
    rowsScanned,
    rowsWritten,
    tombstonesWritten,
    quantity(durationText(seconds)),
    noticeOf(run),
  ];
}

function noticeOf({ notice, invalidValues }: RunReport): string {
  const invalid = Object.entries(invalidValues).map(
    ([feature, values]) => `${count(values)} values of ${feature} are INVALID`,
  );
  return [...(notice === null ? [] : [notice]), ...invalid].join('; ');
}
