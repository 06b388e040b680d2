// Records of runs, for people.
import type { Run, RunDetails } from '../../schemas/wire-types.ts';
import { count, counted } from '../counted.ts';
import { type Cell, facts, quantity, section, table } from './table.ts';
import { durationText, shortDurationText, sizeText } from './units.ts';

const HEAD = ['id', 'state', 'mode', 'until', 'started', 'took', 'scanned', 'written', 'gone', 'notice'];

interface RunList {
  /** By view or state: where none is found there may be others. */
  readonly isFiltered: boolean;
  readonly isMore: boolean;
}

export function runListText(runs: readonly Run[], { isFiltered, isMore }: RunList): string {
  if (runs.length === 0) return isFiltered ? 'No such runs.' : 'No runs yet: run `plumb materialize`.';
  return `${table(HEAD, runs.map(runRow))}${isMore ? '\nThere are more: use --limit.' : ''}`;
}

const runRow = (run: Run): readonly Cell[] => [
  ...[run.id, run.state, run.mode, run.until, run.startedAt, took(run)],
  ...[run.rowsScanned, run.rowsWritten, run.tombstonesWritten, run.notice ?? ''],
];

function took({ startedAt, finishedAt }: Run): Cell {
  return finishedAt === null ? null : quantity(durationText((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000));
}

export function runDetailsText(run: RunDetails): string {
  const phases = run.phases.map(({ name, startedAt, seconds, rows }) => [
    name,
    startedAt,
    seconds === null ? null : quantity(shortDurationText(seconds)),
    rows,
  ]);
  return [
    section(`run ${run.id}`, facts(factsOf(run))),
    ...(phases.length === 0 ? [] : [section('phases', table(['phase', 'started', 'took', 'rows'], phases))]),
    ...(run.log.length === 0 ? [] : [section('log', run.log.map(logLine).join('\n'))]),
  ].join('\n');
}

const logLine = ({ at, level, message }: RunDetails['log'][number]): string =>
  `${at}  ${level === 'info' ? '' : `${level}: `}${message}`;

function factsOf(run: RunDetails): readonly (readonly [string, Cell])[] {
  const { sourceFiles: files, parts, interval } = run;
  const invalid = Object.entries(run.invalidValues).map(([feature, values]) => `${feature} ${count(values)}`);
  const always: readonly (readonly [string, Cell])[] = [
    ['state', run.error === null ? run.state : `${run.state}, ${run.error.code}`],
    ['notice', run.notice],
    ['mode', run.mode],
    ['job', run.job],
    ['started', run.startedAt],
    ['took', took(run)],
    ['until', run.until],
    ['boundary', run.boundary],
    ['generation', run.generation],
    ['reads events from', interval?.from ?? null],
    ['reads events to', interval?.to ?? null],
    ['rows scanned', run.rowsScanned],
    ['rows written', run.rowsWritten],
    ['keys gone', run.tombstonesWritten],
    ['invalid values', invalid.join(', ') || null],
    ['source files', files.total === 0 ? null : `${count(files.scanned)} of ${count(files.total)}`],
    [
      'row groups',
      files.rowGroupsTotal === 0 ? null : `${count(files.rowGroupsScanned)} of ${count(files.rowGroupsTotal)}`,
    ],
    ['parts', parts.files === 0 ? null : `${counted(parts.files, 'file')}, ${sizeText(parts.sizeBytes)}`],
    ['chain', run.chain.join(', ') || null],
  ];
  return always.filter(([, value]) => value !== null);
}
