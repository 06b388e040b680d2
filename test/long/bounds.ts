// The bounds that compiled SQL contains, found by scanning it, and how each can be wrong by the least amount. Every
// comparison must be one of BOUNDS or one of NO_BOUNDS, so that a new one is noticed.

export interface Bound {
  readonly name: string;
  /** The statements that have it, by the name of what they make, `p0_rows` as `p_rows`; `query` for a plain SELECT. */
  readonly statement: RegExp;
  /** Global; the part from the group `from` on is replaced. */
  readonly pattern: RegExp;
  readonly replacement: string;
  /** Random worlds of which kind show it. */
  readonly shownBy: 'training' | 'sessions' | 'failing rows' | 'online' | 'late rows' | 'late rows in parquet';
}

const NUMBER = String.raw`(?:CAST\()?-?\d+`;
const PAIRS = /^p_(grouped|outcome)$/;
const SESSIONS = /^(p_(grouped|outcome)|m_values)$/;

const bound = (
  name: string,
  statement: RegExp,
  pattern: RegExp,
  replacement: string,
  shownBy: Bound['shownBy'] = 'training',
): Bound => ({ name, statement, pattern, replacement, shownBy });

export const BOUNDS: readonly Bound[] = [
  // Training sets: windows, joined and grouped.
  bound('window end', PAIRS, /(WHERE ts) < (e\b)/g, '$1 <= $2'),
  bound('start of the widest window', PAIRS, /(AND ts) >= (least\(|\(+e\b)/g, '$1 > $2'),
  bound('window start', PAIRS, /(FILTER \(WHERE ts) >= (\(+e\b)/g, '$1 > $2'),
  bound('window end of a label', PAIRS, /(FILTER \(WHERE ts) < (\(+e\b)/g, '$1 <= $2'),
  bound('end of the widest window of a label', PAIRS, /(\nWHERE ts) < (greatest\(|\(+e\b)/g, '$1 + 1 < $2'),
  bound('start of the windows of a label', PAIRS, /(AND ts) >= (e\b)/g, '$1 > $2'),
  bound('created time', PAIRS, /(AND created) <= (e\b)/g, '$1 < $2'),
  bound('rows read, first', /^p_rows$/, new RegExp(`(WHERE ts) >= (${NUMBER})`, 'g'), '$1 > $2'),
  bound('rows read, last', /^p_rows$/, new RegExp(`((?:WHERE|AND) ts) <= (${NUMBER})`, 'g'), '$1 < $2'),
  bound('window end before the instant', PAIRS, /(\) AND ts) < (\(*e\b)/g, '$1 <= $2'),
  // Sessions, in training sets and online.
  bound('gap of a session', SESSIONS, /(two\[2\] - two\[1\]) > (\d+)/g, '$1 >= $2'),
  bound('gap inside of a session', SESSIONS, /(two\[2\] - two\[1\]) <= (\d+)/g, '$1 < $2', 'sessions'),
  bound('the last session goes on', SESSIONS, /( - t\[-1\]) <= (\d+)/g, '$1 < $2', 'sessions'),
  bound('gap of a session, sorted', /^p_sessions_\w+$/, /(ts - before) > (\d+)/g, '$1 >= $2'),
  bound('the last session goes on, sorted', /^p_framed$/, /(session_last_\w+\.ts) <= (\d+)/g, '$1 < $2', 'sessions'),
  // Maps.
  bound('a key of a map is there', /^(p_(grouped|outcome|whole)|m_values)$/, /(NOT NULL AND v\d+) > 0/g, '$1 >= 0'),
  bound('keys of a map that are kept', /^(p_(grouped|outcome|whole)|m_values)$/, /(AND rank\d+) <= (\d+)/g, '$1 < $2'),
  bound('keys of a map, rows before the end', /^p_queries$/, /(first_ts) < (greatest\(|\(*e\b)/g, '$1 + 1 < $2'),
  bound('keys of a map, rows since the start', /^p_queries$/, /(last_ts) >= (least\(|\(*e\b)/g, '$1 > $2'),
  // Training sets: windows as ranges of sorted rows.
  bound('edges before rows', /^p_ranked$/, /(ORDER BY ts, is_row)\b/g, '$1 DESC'),
  bound('frame start', /^p_tape$/, /pos - r_from - 1 AS o_s/g, 'pos - r_from AS o_s'),
  bound('frame end', /^p_tape$/, /pos - r_to AS o_e/g, 'pos - r_to + 1 AS o_e'),
  bound('list start', /^p_list_\d+$/, /(range\(greatest\([^)]*\)) \+ 1/g, '$1'),
  bound('list end', /^p_list_\d+$/, /(, c_x\d+_(?:e|w\d+_end)) \+ 1\)/g, '$1)'),
  bound('number of the first value', /^p_framed$/, /(= f\.c_x\d+_(?:e|w\d+)) \+ 1/g, '$1'),
  bound('a first value is there', /^p_framed$/, /(AND f\.c_x\d+_\w+) > (f\.c_x\d+_\w+)/g, '$1 >= $2'),
  bound('a row of a session is there', /^p_framed$/, /(AND f\.r_\w+) > (f\.r_\w+)/g, '$1 >= $2'),
  bound('a row that failed is there', /^p_framed$/, /(\bw\d+\.b\d+) > 0( AS g)/g, '$1 >= 0$2', 'failing rows'),
  bound('a last value is there', /^p_framed$/, /(CASE WHEN a\d+_\d+) > 0/g, '$1 >= 0'),
  // Training sets: row views.
  bound('event time', /^p_hits$/, /(r\.ts) <= (q\.e)/g, '$1 < $2'),
  bound('event time, strictly before', /^p_hits$/, /(r\.ts) < (q\.e)/g, '$1 <= $2'),
  bound('visible since', /^p_hits$/, /(b\.v) <= (q\.e)/g, '$1 < $2'),
  bound('event time of visibility', /^p_rows$/, /greatest\(ts,/g, 'greatest(ts + 1,'),
  bound('event time of visibility, strictly before', /^p_rows$/, /greatest\(ts \+ 1,/g, 'greatest(ts,'),
  bound(
    'running maximum',
    /^p_best$/,
    /RANGE UNBOUNDED PRECEDING/g,
    'RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING',
  ),
  bound('mature', /^query$/, new RegExp(`(WHEN t) <= (${NUMBER})`, 'g'), '$1 < $2'),
  bound('asked while it is mature', /^p_asked$/, new RegExp(`(AND t) <= (${NUMBER})`, 'g'), '$1 < $2'),
  bound('ttl', /^query$/, /(\bt - p\d+r\d+\.row_ts) <= (\d+)/g, '$1 < $2'),
  // Materializations.
  bound('boundary of a row view', /^m_new$/, new RegExp(`(WHERE ts) <= (${NUMBER})`, 'g'), '$1 < $2', 'online'),
  bound('boundary, strictly before', /^m_new$/, new RegExp(`(WHERE ts) < (${NUMBER})`, 'g'), '$1 <= $2', 'online'),
  bound(
    'created time at the boundary',
    /^m_(new|values)$/,
    new RegExp(`(AND created) <= (${NUMBER})`, 'g'),
    '$1 < $2',
    'online',
  ),
  bound('window end at the boundary', /^m_values$/, new RegExp(`(WHERE ts) < (${NUMBER})`, 'g'), '$1 <= $2', 'online'),
  bound(
    'start of the widest window at the boundary',
    /^m_values$/,
    /(AND ts) >= (least\(|\(CAST\()/g,
    '$1 > $2',
    'online',
  ),
  bound('window start at the boundary', /^m_values$/, /(FILTER \(WHERE ts) >= (\(CAST\()/g, '$1 > $2', 'online'),
  bound(
    'window end before the boundary',
    /^m_values$/,
    /((?:FILTER \(WHERE|AND|OR) \(?ts) < (\(*CAST\()/g,
    '$1 <= $2',
    'online',
  ),
  bound(
    'end of the widest window at the boundary',
    /^m_values$/,
    /(\nWHERE ts) < (greatest\(|\(*CAST\()/g,
    '$1 + 1 < $2',
    'online',
  ),
  bound(
    'start of a window that a key has rows in',
    /^m_values$/,
    /((?:OR |AND \()ts) >= (\(CAST\()/g,
    '$1 > $2',
    'online',
  ),
  bound('since', /^m_new$/, new RegExp(`(AND \\(?ts) >= (${NUMBER})`, 'g'), '$1 > $2', 'late rows'),
  bound('row groups since', /^row groups$/, /(\bts_max\b[^<>]*) >= (-?\d+)/g, '$1 > $2', 'late rows in parquet'),
];

/** Comparisons that no window, age or visibility depends on, and why. */
const NO_BOUNDS: readonly (readonly [reason: string, statement: RegExp, pattern: RegExp])[] = [
  [
    'an expression of the definitions, over columns c0…',
    /./,
    /\bc\d+( END| AS DOUBLE)?\)* [<>]=? |[<>]=? \(*c\d+\b|\bBIGINT\) \| \d+\)+ [<>]=? /,
  ],
  [
    'integers of text that a double holds exactly',
    /./,
    /AS HUGEINT\)( END)?\) (<= 9007199254740991|> 9007199254740992,)$/,
  ],
  ['a name that is twice in an object of JSON', /./, /list_position\(json_keys\(json\), key\) < i\)|o = k\)\) > 1\)/],
  ['the years of instants in labels', /^labels$/, /END\)\) (>= -62135596800000000|< 253402300800000000)$/],
  ['the digits that a decimal holds', /^query$/, /\), 0\) <= 38$|WHEN digits > 38$/],
  ['a name that is twice in a schema of Parquet', /^query$/, /HAVING count\(\*\) > 1$/],
  ['squares of greater numbers can overflow', /./, /(a\d+_\d+|abs\(CAST\(x\d+ AS DOUBLE\)\)) <= 1e150/],
  ['a last value is there: the join found it, or none', /^(p_(grouped|outcome)|m_values)$/, /CASE WHEN a\d+_\d+ > 0/],
  ['which strategy a key gets, not what it yields', /^p_heavy$/, / \* asked > /],
  ['an entry with an empty frame yields what no entry does', /^p_tape$/, /r_\w+ < r_\w+/],
  ['the same, of sketches and of sessions', /^p_(sketch_\d+|session_most_\w+)$/, /f\.\w+ < f\.c_|f\.r_\w+ > a\.last_c/],
  [
    'the most keys of a map, which random worlds do not reach: test/e2e/most-map-keys.test.ts has 1,000 and 1,001',
    /^(p_(grouped|outcome|whole)|m_values)$/,
    / > 1000\)$/,
  ],
  ['the years that text can hold', /./, /date_part\(.*instant\) < /],
  ['reads a second more than asked for', /^(p_rows|m_new|m_values)$/, /"ts" [<>]= /],
  ['reads more than DESIGN asks for: rows created since the last run', /^m_new$/, /OR created >= /],
  [
    'a notice: which files changed behind the watermark',
    /^(query|row groups)$/,
    /(WHERE ts < |count\(\*\) > 0|TIMESTAMP\)+ <= )/,
  ],
  ['a sketch without values has no estimate to compute', /./, /CASE WHEN len\(entries\) > 0/],
  ['an int that overflows is found by its sign bits', /./, /BIT\) AS BIGINT\) < 0/],
  ['what an expression yields where it fails', /./, /END > /],
];

/** The same for row groups: they too are read for rows created since the last run. */
const ROW_GROUPS_CREATED = /\bcreated_max\b[^<>]* >= -?\d+/g;

const COMPARISON = /(?:\S+ ){0,2}\S+ (?:<=|>=|<|>) \S+/g;

/** What a statement makes, without the number of its part. */
export function statementName(sql: string): string {
  const name = /^CREATE (?:TEMP )?(?:TABLE|VIEW) (\w+)/.exec(sql)?.[1];
  if (name !== undefined)
    return name === 'training_set' ? 'query' : name.replace(/^p\d+_/, 'p_').replace(/^p_share\d+_/, 'p_');
  return sql.includes('parquet_metadata(') ? 'row groups' : 'query';
}

export const boundsIn = (sql: string): readonly Bound[] => {
  const name = statementName(sql);
  return BOUNDS.filter(({ statement, pattern }) => statement.test(name) && sql.search(pattern) >= 0);
};

export const mutated = (sql: string, { statement, pattern, replacement }: Bound): string =>
  statement.test(statementName(sql)) ? sql.replace(pattern, replacement) : sql;

/** Comparisons that are neither a known bound nor known to be none. */
export function unknownComparisons(sql: string): readonly string[] {
  const name = statementName(sql);
  let rest = sql.replaceAll(/'(?:[^']|'')*'/g, "''");
  if (name === 'row groups') rest = rest.replaceAll(ROW_GROUPS_CREATED, ' ');
  for (const { statement, pattern } of BOUNDS) if (statement.test(name)) rest = rest.replaceAll(pattern, ' ');
  const found = rest.match(COMPARISON) ?? [];
  return found
    .filter((text) => !NO_BOUNDS.some(([, statement, pattern]) => statement.test(name) && pattern.test(text)))
    .map((text) => `${name}: ${text}`);
}
