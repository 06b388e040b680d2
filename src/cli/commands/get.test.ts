import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { type FakeIoOptions, fakeApp, fakeIo, opened, projectFolder } from '../../../test/support/fake-app.ts';
import type { LookupQuery } from '../../http/lookup/lookup-query.ts';
import type { App } from '../app.ts';
import { runCli } from '../program.ts';

const folder = await projectFolder();
const AT = '2026-01-08T00:00:0';

interface Cells {
  readonly rows: readonly (readonly unknown[])[];
  readonly statuses?: readonly (readonly string[])[];
  readonly features?: readonly string[];
  readonly eventTimes?: readonly (readonly (string | null)[])[];
}

const answerOf = ({ rows, features = ['v__a', 'v__b'], ...rest }: Cells, second = 0) => ({
  service: 's',
  version: 1,
  features,
  rows,
  statuses: rows.map((row) => row.map((value) => (value === null ? 'NOT_FOUND' : 'PRESENT'))),
  eventTimes: rows.map((row) => row.map(() => null)),
  asOf: { v: '2026-01-07T00:00:00Z' },
  at: `${AT}${second}Z`,
  ...rest,
});

/** As serving hands it to the server. */
const sent = (answer: object) => Buffer.from(JSON.stringify(answer));

/** Answers them one after the other, then stops the command; an error rejects the lookup. */
async function watched(answers: readonly (Cells | PlumbError)[], argv: readonly string[], options: FakeIoOptions = {}) {
  const io = fakeIo(folder, {}, options);
  let asked = 0;
  const answer = async () => {
    const next = answers[asked] ?? assert.fail('asked after it was stopped');
    asked += 1;
    if (asked === answers.length) io.signal('SIGINT');
    if (next instanceof PlumbError) throw next;
    return sent(answerOf(next, asked));
  };
  const part = opened({ answer, ready: async () => {} });
  const code = await runCli(['get', ...argv, '--watch', '0.1'], fakeApp({ openLookups: part.open }), io);
  return { code, out: io.stdout(), err: io.stderr(), asked, closed: part.closed() };
}

const ONE = ['--service', 's', '--entity', '{"id":1}'];
const TWO = [...ONE, '{"id":2}'];

test('a pipe gets the first answer, then what changed, and nothing where nothing did', async () => {
  const rows = [
    [1, null],
    ['x', 2.5],
  ];
  const later = [
    [1, 7],
    ['x', 2.5],
  ];
  const { code, out, err, closed } = await watched([{ rows }, { rows }, { rows: later }, { rows: later }], TWO);
  assert.deepEqual([code, err, closed], [0, '', 1]);
  const expected = `{"id":1}
feature  value  status
v__a     1      PRESENT
v__b     null   NOT_FOUND

{"id":2}
feature  value  status
v__a     x      PRESENT
v__b     2.5    PRESENT

at ${AT}1Z, registry version 1
v as of 2026-01-07T00:00:00Z

{"id":1}
feature  value  status   changed               before
v__b     7      PRESENT  ${AT}3Z  null NOT_FOUND

at ${AT}3Z, registry version 1
v as of 2026-01-07T00:00:00Z
`;
  assert.equal(out, expected);
});

test('an event time that moves under the same value is a change; a new list of features is shown in full', async () => {
  const eventTimes = [['2026-01-01T00:00:00Z', null]];
  const answers = [{ rows: [[1, 2]] }, { rows: [[1, 2]], eventTimes }, { rows: [[3]], features: ['v__c'] }];
  const { out } = await watched(answers, ONE);
  const blocks = out.split('\n\n').map((block) => block.trim());
  assert.match(
    blocks[2] ?? '',
    /^\{"id":1\}\nfeature +value +status +event time +changed +before\nv__a +1 +PRESENT +2026-01-01T00:00:00Z +2026-01-08T00:00:02Z +1$/,
  );
  assert.match(blocks[4] ?? '', /^\{"id":1\}\nfeature +value +status\nv__c +3 +PRESENT$/);
});

test('a program gets one line per change, the first always', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'redis is away', { details: { retryAfterSeconds: 1 } });
  const answers = [{ rows: [[1, 2]] }, { rows: [[1, 2]] }, { rows: [[1, 3]] }, away, away, { rows: [[1, 3]] }];
  const { code, out, err } = await watched(answers, [...ONE, '--json']);
  assert.deepEqual([code, err], [0, '']);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { code: errorCode, message, details } = away;
  assert.deepEqual(lines, [
    answerOf({ rows: [[1, 2]] }, 1),
    answerOf({ rows: [[1, 3]] }, 3),
    { error: { code: errorCode, message, details } },
    answerOf({ rows: [[1, 3]] }, 6),
  ]);
});

test('a store that is away is told once, and the lookup goes on', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'redis is away');
  const { code, out, err } = await watched([away, away, { rows: [[1, 2]] }, away, { rows: [[1, 2]] }], ONE);
  assert.equal(code, 0);
  assert.equal(err, `${'error: redis is away; trying again\nanswers again\n'.repeat(2)}`);
  assert.equal(out.split('feature').length, 2);
});

test('a store that cannot be opened yet is opened later', async () => {
  const io = fakeIo(folder);
  const answer = async () => {
    io.signal('SIGTERM');
    return sent(answerOf({ rows: [[1, 2]] }));
  };
  const part = opened({ answer, ready: async () => {} });
  let tries = 0;
  const openLookups: App['openLookups'] = async (_config, { logger }) => {
    tries += 1;
    assert.equal(logger.level, 'silent');
    if (tries < 3) throw new PlumbError('STORE_UNAVAILABLE', 'no connection');
    return part.open();
  };
  const code = await runCli(['get', ...ONE, '--watch', '0.1'], fakeApp({ openLookups }), io);
  assert.deepEqual([code, tries, part.closed()], [0, 3, 1]);
  assert.match(io.stdout(), /v__a +1 +PRESENT/);
});

test('a wrong request ends it with 2, and so does one that becomes wrong', async () => {
  const wrong = new PlumbError('UNKNOWN_NAME', 'no feature service "s"');
  for (const answers of [
    [wrong, wrong],
    [{ rows: [[1, 2]] }, wrong, wrong],
  ]) {
    const { code, err, asked, closed } = await watched(answers, ONE);
    assert.deepEqual([code, err, asked, closed], [2, 'error: no feature service "s"\n', answers.length - 1, 1]);
  }
});

test('with --json the error that ends it is a line too', async () => {
  const wrong = new PlumbError('UNKNOWN_NAME', 'no feature service "s"');
  const { code, out, err } = await watched([{ rows: [[1, 2]] }, wrong], [...ONE, '--json']);
  assert.deepEqual([code, err], [2, '']);
  const [first = '', last = '', ...rest] = out.split('\n');
  assert.deepEqual(JSON.parse(first), answerOf({ rows: [[1, 2]] }, 1));
  assert.deepEqual(JSON.parse(last), { error: { code: 'UNKNOWN_NAME', message: wrong.message, details: {} } });
  assert.deepEqual(rest, ['']);
});

test('a view that is not materialized yet is waited for', async () => {
  const empty = new PlumbError('NOT_MATERIALIZED', 'view v was never materialized');
  const { code, out, err } = await watched([empty, { rows: [[1, 2]] }], ONE);
  assert.deepEqual([code, err], [0, 'error: view v was never materialized; trying again\nanswers again\n']);
  assert.match(out, /v__a +1 +PRESENT/);
});

test('a terminal is redrawn in place, and keeps when each value changed last', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'redis is away');
  const answers = [{ rows: [[1, 2]] }, { rows: [[5, 2]] }, away, { rows: [[5, 2]] }];
  const { code, out, err } = await watched(answers, ONE, { screenRows: 24 });
  assert.deepEqual([code, err], [0, '']);
  const frames = out.split('\u001b[?7l').slice(1);
  assert.equal(frames.length, 4);
  assert.match(frames[1] ?? '', /v__a +5 +PRESENT +2026-01-08T00:00:02Z +1\p{Cc}/u);
  assert.match(frames[2] ?? '', /v__a +5 +PRESENT[\s\S]*error: redis is away; trying again/);
  assert.match(frames[3] ?? '', /v__a +5 +PRESENT +2026-01-08T00:00:02Z +1\p{Cc}[\s\S]*at 2026-01-08T00:00:04Z/u);
  assert.doesNotMatch(frames[3] ?? '', /redis is away/);
  assert.ok(out.endsWith('\n\u001b[?25h'), 'the cursor is shown again');
});

test('a second signal ends the process', async () => {
  const io = fakeIo(folder, {}, { screenRows: 24 });
  const second = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<ReturnType<typeof sent>>();
  let asked = 0;
  const answer = async () => {
    asked += 1;
    if (asked === 1) return sent(answerOf({ rows: [[1, 2]] }));
    second.resolve();
    return slow.promise;
  };
  const part = opened({ answer, ready: async () => {} });
  const running = runCli(['get', ...ONE, '--watch', '0.1'], fakeApp({ openLookups: part.open }), io);
  await second.promise;
  io.signal('SIGINT');
  assert.equal(io.forcedExit(), null);
  io.signal('SIGINT');
  assert.equal(io.forcedExit(), 130);
  assert.ok(io.stdout().endsWith('\u001b[?25h'), 'the cursor is shown again');
  slow.resolve(sent(answerOf({ rows: [[1, 2]] })));
  assert.equal(await running, 0);
});

async function once(argv: readonly string[], cells: Cells, options: FakeIoOptions = {}) {
  const queries: LookupQuery[] = [];
  const io = fakeIo(folder, {}, options);
  const answer = async (query: LookupQuery) => {
    queries.push(query);
    return sent(answerOf(cells));
  };
  const { open } = opened({ answer, ready: async () => {} });
  const code = await runCli(['get', ...argv], fakeApp({ openLookups: open }), io);
  return { code, out: io.stdout(), err: io.stderr(), query: queries[0] };
}

test('features instead of a service; event times and instants of the last run are shown', async () => {
  const cells = { rows: [[1, null]], eventTimes: [['2026-01-01T00:00:00Z', null]] };
  const { code, out, query } = await once(['--features', 'v:a', 'v:b', '--entity', '{"id":1}'], cells);
  assert.deepEqual([code, query?.service, query?.features], [0, null, ['v:a', 'v:b']]);
  assert.match(
    out,
    /^feature +value +status +event time\nv__a +1 +PRESENT +2026-01-01T00:00:00Z\nv__b +null +NOT_FOUND +-$/m,
  );
  assert.match(out, /\nv as of 2026-01-07T00:00:00Z\n$/);
});

test('entities come from a file or from stdin, one JSON object per line', async () => {
  const lines = '{"id":1}\n\n{"id":9007199254740995}\n';
  const entities = [{ id: 1 }, { id: 9007199254740995n }];
  const cells = {
    rows: [
      [1, 2],
      [3, 4],
    ],
  };
  await writeFile(join(folder, 'entities.jsonl'), lines);
  const fromFile = await once(['--service', 's', '--entities', 'entities.jsonl'], cells);
  assert.deepEqual(fromFile.query?.entities, entities);
  const fromStdin = await once(['--service', 's', '--entities', '-'], cells, { stdin: lines });
  assert.deepEqual([fromStdin.query?.entities, fromStdin.out], [entities, fromFile.out]);
});

const WRONG: readonly (readonly [readonly string[], string, RegExp])[] = [
  [['--entity', '{}'], '', /^error: found no features to look up, expected --service, --dataset or --features\n$/],
  [['--service', 's'], '', /^error: found no entities, expected --entity or --entities\n$/],
  [['--service', 's', '--features', 'v:a', '--entity', '{}'], '', /cannot be used with option '--service/],
  [['--service', 's', '--entity', '{}', '--entities', '-'], '', /cannot be used with option '--entity/],
  [['--service', 's', '--entities', 'nowhere.jsonl'], '', /^error: --entities: cannot read nowhere\.jsonl: ENOENT\n$/],
  [
    ['--service', 's', '--entities', '-'],
    ' \n',
    /^error: stdin: found no entities, expected one JSON object per line\n$/,
  ],
  [['--service', 's', '--entities', '-'], '{"id":1}\n[1]\n', /^error: stdin, line 2: found \[1\], expected an object/],
  [['--service', 's', '--entities', '-'], '{"id":1}\n{"id":\n', /^error: stdin, line 2: .* is not JSON/],
  [[...ONE, '--watch', '0'], '', /argument '0' is invalid\. expected seconds from 0\.1 to 86400/],
  [[...ONE, '--watch', 'often'], '', /argument 'often' is invalid/],
];
for (const [argv, stdin, message] of WRONG) {
  test(`a wrong request: get ${argv.join(' ')}${stdin === '' ? '' : ` < ${JSON.stringify(stdin)}`}`, async () => {
    const { code, out, err, query } = await once(argv, { rows: [] }, { stdin });
    assert.deepEqual([code, out, query], [2, '', undefined]);
    assert.match(err, message);
  });
}

test('text that a terminal would obey is shown as JSON', async () => {
  const { out } = await once(ONE, { rows: [['\u001b[2J', 'plain "text"']] });
  assert.match(out, /v__a +"\\u001b\[2J" +PRESENT\nv__b +plain "text" +PRESENT\n/);
});
