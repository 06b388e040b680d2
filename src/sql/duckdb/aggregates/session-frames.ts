// Sessions of heavy keys, from the frames of windows/framed.ts. Each row that counts has its number in the key's order of time,
// and from running totals over the whole key: the session it is in, how long sessions lasted until it, where its session
// began and where it ends. A window is the rows from `a`, its first, to `b`, its last: its sessions are differences of the two,
// but for the session that the window's start cuts, which begins at `a`.
//
//      a             b
//   ●─●│●─●   ●─●   ●│─●─●      rows; the window │ │ has 3 sessions
import type { Step } from '../../script.ts';
import { table } from '../steps.ts';
import type { FramedFeature, FramedPrinter } from './printer.ts';

/** Of the window, null without rows. */
export interface FrameColumns {
  readonly rows: string;
  readonly sessions: string;
  readonly lastRows: string;
  readonly lastMicros: string;
  /** Of all sessions together. */
  readonly innerMicros: string;
  readonly mostRows: string;
  readonly isOpen: string;
}

export const framedSessions = (
  raw: (columns: FrameColumns) => readonly string[],
  asksMost: boolean,
): FramedPrinter => ({
  isNumbered: true,
  steps: (feature) => [sessionsStep(feature), ...(asksMost ? mostSteps(feature) : [])],
  joins: (feature) => [...endJoins(feature), ...(asksMost ? [mostJoin(feature)] : [])],
  raw: (feature) => raw(columnsOf(feature)),
});

const nameOf = ({ x, gapMicros }: FramedFeature): string => `${x === '*' ? 'rows' : x}_${gapMicros}`;
const sessionsOf = (feature: FramedFeature): string => `${feature.p}_sessions_${nameOf(feature)}`;

/** How many rows that count lie before the window's start and its end. */
function bounds({ x, from, to }: FramedFeature): { readonly before: string; readonly until: string } {
  const total = x === '*' ? 'r' : `c_${x}`;
  return { before: `f.${total}_${from}`, until: `f.${total}_${to}` };
}

function sessionsStep(feature: FramedFeature): Step {
  const { p, x, gapMicros } = feature;
  const counts = x === '*' ? '' : ` AND ${x} IS NOT NULL`;
  const rows = `SELECT kid, ts, row_number() OVER in_time AS c, lag(ts) OVER in_time AS before FROM ${p}_ranked WHERE is_row = 1${counts} WINDOW in_time AS (PARTITION BY kid ORDER BY ts)`;
  const starts = `SELECT *, before IS NULL OR ts - before > ${gapMicros} AS starts FROM (\n${rows}\n)`;
  const running = [
    'count(CASE WHEN starts THEN 1 END) OVER running AS session',
    'sum(CASE WHEN starts THEN 0 ELSE ts - before END) OVER running AS inner_micros',
    'max(CASE WHEN starts THEN c END) OVER running AS first_c',
    'max(CASE WHEN starts THEN ts END) OVER running AS first_ts',
  ];
  return table(
    sessionsOf(feature),
    `rows that count, with the session each is in (at most ${gapMicros} microseconds apart)`,
    `SELECT *, c - first_c + 1 AS size, max(c) OVER (PARTITION BY kid, session) AS last_c\nFROM (\nSELECT kid, c, ts, ${running.join(', ')}\nFROM (\n${starts}\n)\nWINDOW running AS (PARTITION BY kid ORDER BY c ROWS UNBOUNDED PRECEDING)\n)`,
  );
}

const aliasOf = (end: 'first' | 'last', feature: FramedFeature): string =>
  `session_${end}_${nameOf(feature)}_${feature.w}`;

function endJoins(feature: FramedFeature): readonly string[] {
  const { before, until } = bounds(feature);
  const join = (alias: string, number: string): string =>
    `LEFT JOIN ${sessionsOf(feature)} ${alias} ON ${alias}.kid = f.kid AND ${alias}.c = ${number} AND ${until} > ${before}`;
  return [
    join(aliasOf('first', feature), `${before} + 1`),
    join(aliasOf('last', feature), until),
    `JOIN ${feature.p}_heavy_queries instants ON instants.qid = f.qid`,
  ];
}

const mostOf = (feature: FramedFeature): string => `${feature.p}_session_most_${nameOf(feature)}_${feature.w}`;

/** Of the sessions behind that of the window's first row: the greatest size that a row of the window has reached in its own. */
function mostSteps(feature: FramedFeature): readonly Step[] {
  const { p } = feature;
  const { before, until } = bounds(feature);
  const sessions = sessionsOf(feature);
  const entries = `SELECT f.qid, f.kid, a.last_c AS r_from, ${until} AS r_to FROM ${p}_frames f JOIN ${sessions} a ON a.kid = f.kid AND a.c = ${before} + 1 WHERE ${until} > a.last_c`;
  const placed = `SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (\n${entries}\n) JOIN (SELECT kid, max(c) AS n FROM ${sessions} GROUP BY kid) USING (kid)`;
  const tape = `SELECT kid, c AS pos, 0 AS o_s, 1 AS o_e, size FROM ${sessions}\nUNION ALL BY NAME\nSELECT qid, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (${placed})`;
  return [
    table(
      mostOf(feature),
      'the longest of the sessions behind the first one of each instant',
      `SELECT qid, most FROM (\nSELECT qid, max(size) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS most\nFROM (\n${tape}\n)\n) WHERE qid IS NOT NULL`,
    ),
  ];
}

const mostJoin = (feature: FramedFeature): string => {
  const most = mostOf(feature);
  return `LEFT JOIN ${most} ON ${most}.qid = f.qid`;
};

function columnsOf(feature: FramedFeature): FrameColumns {
  const { before, until } = bounds(feature);
  const [a, b] = [aliasOf('first', feature), aliasOf('last', feature)];
  const end = feature.to === 'e' ? 'instants.e' : `instants.s_${feature.to}`;
  const found = (sql: string): string => `CASE WHEN ${b}.c IS NOT NULL THEN ${sql} END`;
  return {
    rows: found(`${until} - ${before}`),
    sessions: `${b}.session - ${a}.session + 1`,
    lastRows: found(`${until} - greatest(${b}.first_c, ${before} + 1) + 1`),
    lastMicros: found(`${b}.ts - greatest(${b}.first_ts, ${a}.ts)`),
    innerMicros: `${b}.inner_micros - ${a}.inner_micros`,
    mostRows: found(`greatest(least(${a}.last_c, ${until}) - ${before}, ${mostOf(feature)}.most)`),
    isOpen: `${end} - ${b}.ts <= ${feature.gapMicros}`,
  };
}
