// Each check is able to fail: a history that went well, with one thing of it broken.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkHistory } from './check-history.ts';
import type { CommandEvent, Event, FaultEvent } from './event-log.ts';
import type { Evidence } from './evidence.ts';
import type { Played } from './execute.ts';
import {
  answer,
  command,
  GOOD,
  lookup,
  materialize,
  recovered,
  statusOf,
  storedRun,
  succeeded,
  T2,
  T6,
} from './sample-history.ts';

const { evidence } = GOOD.recovery;
const [RUN_1, RUN_2] = evidence.runs as [(typeof evidence.runs)[0], (typeof evidence.runs)[0]];

const checksOf = (played: Played): readonly string[] =>
  [...new Set(checkHistory(played).map(({ check }) => check))].toSorted();

const fails = (name: string, expected: readonly string[], played: Played): void =>
  void test(name, () => assert.deepEqual(checksOf(played), expected, JSON.stringify(checkHistory(played))));

const stored = (over: Partial<Evidence>): Played => {
  const changed = { ...evidence, ...over };
  return { ...GOOD, between: [changed], recovery: { ...GOOD.recovery, evidence: changed } };
};
const also = (...events: readonly Event[]): Played => ({ ...GOOD, events: [...GOOD.events, ...events] });
const replaced = (at: number, event: Event): Played => ({ ...GOOD, events: GOOD.events.with(at, event) });
const changed = (at: number, over: Partial<CommandEvent>): Played =>
  replaced(at, { ...(GOOD.events[at] as CommandEvent), ...over });
const recovery = (over: Partial<Played['recovery']>): Played => ({ ...GOOD, recovery: { ...GOOD.recovery, ...over } });
const recoveredBy = (at: number, item: ReturnType<typeof recovered>): Played =>
  recovery({ commands: GOOD.recovery.commands.with(at, item) });

const fault = (target: FaultEvent['target'], over: Partial<FaultEvent> = {}): FaultEvent => ({
  ...{ kind: 'fault', name: 'any', target, emptied: false, fromMillis: 400, toMillis: 500 },
  ...over,
});
const failure = (code: string): string => JSON.stringify({ error: { code, message: 'any', details: {} } });

test('a history that went well has no violation', () => assert.deepEqual(checkHistory(GOOD), []));

describe('what is stored', () => {
  const withPart = (found: { sizeBytes: number; sha256: string } | null): Played => {
    const parts = [{ key: 'views/v/00000002/part-0.parquet', sizeBytes: 10, sha256: 'aa', found }];
    return stored({ runs: [RUN_1, { ...RUN_2, parts }] });
  };
  fails('a part is missing', ['part'], withPart(null));
  fails('a part is cut', ['part'], withPart({ sizeBytes: 9, sha256: 'aa' }));
  fails('a part has other bytes', ['part'], withPart({ sizeBytes: 10, sha256: 'ab' }));
  fails(
    'a live run builds on one without manifest',
    ['chain'],
    stored({ runs: [storedRun(2, { ...RUN_2, chain: ['00000009', '00000002'] }), RUN_1] }),
  );
  const [live] = evidence.live;
  fails(
    'what is live has another watermark than its run',
    ['live'],
    stored({ live: [{ ...live, watermarkMicros: '5' } as never] }),
  );
  test('what is live has no manifest', () => {
    const checks = checksOf(stored({ live: [{ ...live, run: '00000007' } as never] }));
    assert.ok(checks.includes('live'), checks.join());
  });
  test('a version is none that was applied', () => {
    const checks = checksOf(
      stored({ versions: [{ version: 0, variant: null, fingerprints: {} }, ...evidence.versions] }),
    );
    assert.ok(checks.includes('registry'), checks.join());
  });

  const [dataset] = evidence.datasets;
  const withRows = (rows: readonly (readonly unknown[])[] | null): Played =>
    stored({ datasets: [{ ...dataset, rows } as never] });
  const [first = [], second = []] = dataset?.rows ?? [];
  fails('a dataset lacks a row', ['dataset'], withRows([first]));
  fails('a dataset has another value', ['dataset'], withRows([first, [...second.slice(0, 3), 2n]]));
  fails('a dataset has its rows in another order', ['dataset'], withRows([second, first]));
  fails('a dataset cannot be read', ['dataset'], withRows(null));
});

describe('commands', () => {
  fails('a failure without a document', ['command'], changed(3, { code: 1, out: '' }));
  fails(
    'an exit code that is not that of the error',
    ['command'],
    also(command(5, materialize(T6), {}, { code: 2, out: failure('CONFLICT'), wasHarmed: true })),
  );
  for (const code of ['INTERNAL', 'STORAGE_CORRUPT', 'ENGINE_FAILED']) {
    fails(
      `${code}, which no fault explains`,
      ['command'],
      also(command(5, materialize(T6), {}, { code: 1, out: failure(code), wasHarmed: true })),
    );
  }
  fails('a stack', ['command'], changed(1, { err: 'Error: x\n    at run (file.ts:1:2)' }));
  fails(
    'a process that comes to no end',
    ['command'],
    also(command(5, materialize(T6), {}, { code: null, out: '', hung: true })),
  );
  fails('a signal that nobody sent', ['command'], also(command(5, materialize(T6), {}, { code: null, out: '' })));
  fails(
    'exit 0 though a view failed',
    ['command'],
    also(command(5, materialize(T6), { runs: [{ view: 'v', outcome: 'failed', notice: 'x' }] })),
  );

  const refused = command(6, materialize(T6), {}, { code: 1, out: failure('CONFLICT') });
  fails('a failure without anything in its way', ['undisturbed'], also(refused));
  fails(
    'the same with another command beside it',
    [],
    also(refused, command(6, { kind: 'dataset', name: 'other' }, {}, { code: null, wasHarmed: true })),
  );
  fails(
    'the same while the store was disturbed',
    [],
    also(refused, fault('store', { fromMillis: 610, toMillis: 620 })),
  );
  fails(
    'the same while only the server was disturbed',
    ['undisturbed'],
    also(refused, fault('server', { fromMillis: 610, toMillis: 620 })),
  );
});

describe('effects', () => {
  const run9 = { runs: [{ view: 'v', run: '00000009', mode: 'full', outcome: 'succeeded', notice: null, until: T6 }] };
  fails('a run that was acknowledged has no manifest', ['effect'], also(command(5, materialize(T6, 'full'), run9)));
  fails(
    'a dataset that was acknowledged is not there',
    ['effect'],
    also(command(5, { kind: 'dataset', name: 'lost' }, { name: 'lost', version: 1, rows: 2 })),
  );
  fails(
    'a version that was acknowledged is another one',
    ['effect'],
    also(command(5, { kind: 'apply', variant: 1 }, { outcome: 'unchanged', version: 1 })),
  );
  fails(
    'a dataset is there whose command said that it failed',
    ['unclaimed'],
    changed(6, { code: 1, out: failure('CONFLICT'), wasHarmed: true }),
  );
  fails('a dataset is there whose command was killed', [], changed(6, { code: null, out: '', wasHarmed: true }));
  fails(
    'a version is there whose command said that it failed',
    ['unclaimed'],
    changed(0, { code: 1, out: failure('CONFLICT'), wasHarmed: true }),
  );
});

describe('fencing', () => {
  const overtaken = (failpoint: string, finishedMillis: number): Played => {
    const harm = { kind: 'pause_at', failpoint, millis: 3000 } as const;
    const said = JSON.stringify(succeeded(RUN_1, new Date(finishedMillis).toISOString()));
    return changed(1, { harm, wasHarmed: true, out: said, toMillis: 299 });
  };
  fails(
    'a run that was overtaken while it stood still says that it succeeded',
    ['fencing'],
    overtaken('materialize.before_manifest', 290),
  );
  fails('it had succeeded before it was overtaken', [], overtaken('materialize.before_manifest', 150));
  fails('it stood still when it was live already', [], overtaken('materialize.published', 290));
});

describe('lookups meanwhile', () => {
  const stale = answer(evidence, [RUN_1, RUN_1], T6);
  fails('the answer of a run before the acknowledged one', ['lookup'], also(lookup(320, T6, stale)));
  fails(
    'one entity of it is of the run before',
    ['lookup'],
    also(lookup(320, T6, answer(evidence, [RUN_2, RUN_1], T6))),
  );
  fails(
    'the answer of a run that nobody had begun',
    ['lookup'],
    also(lookup(150, T6, answer(evidence, [RUN_2, RUN_2], T6))),
  );
  fails(
    'a value that no run has',
    ['lookup'],
    also(lookup(320, T6, answer(evidence, [RUN_2, RUN_2], T6).replace('6', '7'))),
  );
  fails(
    'a status that no run has',
    ['lookup'],
    also(lookup(320, T6, answer(evidence, [RUN_2, RUN_2], T6).replace('PRESENT', 'NULL_VALUE'))),
  );
  fails(
    'the run before, after the store was emptied',
    [],
    also(
      fault('store', { emptied: true, fromMillis: 300, toMillis: 310 }),
      command(4, materialize(T2), {}, { code: null, out: '', wasHarmed: true }),
      lookup(495, T6, stale),
    ),
  );

  const rebuilt = storedRun(5, {
    until: T6,
    chunks: [0, 1],
    basedOn: RUN_2.run,
    mode: 'full',
    registryVersion: 2,
    fingerprint: 'g',
  });
  const grown: Evidence = {
    ...evidence,
    versions: [...evidence.versions, { version: 2, variant: 1, fingerprints: { v: 'g' } }],
    runs: [RUN_1, RUN_2, rebuilt],
  };
  const applied = command(4, { kind: 'apply', variant: 1 }, { outcome: 'registered', version: 2 });
  const run5 = { runs: [{ view: 'v', run: rebuilt.run, mode: 'full', outcome: 'succeeded', notice: null, until: T6 }] };
  const later = (...events: readonly Event[]): readonly string[] => {
    const played = also(applied, command(5, materialize(T6, 'full'), run5), ...events);
    return checksOf({ ...played, between: [grown], recovery: { ...GOOD.recovery, evidence: grown } }).filter(
      (check) => check === 'lookup',
    );
  };
  test('one generation for each view', () => {
    for (const [runs, expected] of [
      [[RUN_2, RUN_2], []],
      [[rebuilt, rebuilt], []],
      [[rebuilt, RUN_2], ['lookup']],
      [[RUN_2, rebuilt], ['lookup']],
    ] as const) {
      assert.deepEqual(later(lookup(570, T6, answer(grown, runs, T6, 2))), expected);
    }
  });
  test('a version that was not registered yet, or is long replaced', () => {
    assert.deepEqual(later(lookup(320, T6, answer(grown, [RUN_2, RUN_2], T6, 2))), ['lookup']);
    assert.deepEqual(later(lookup(9000, T6, answer(grown, [rebuilt, rebuilt], T6, 1))), ['lookup']);
    assert.deepEqual(later(lookup(9000, T6, answer(grown, [rebuilt, rebuilt], T6, 2))), []);
  });

  for (const [code, status] of [
    ['STORE_UNAVAILABLE', 503],
    ['NOT_MATERIALIZED', 409],
    ['NOT_APPLIED', 409],
    ['INTERNAL', 500],
  ] as const) {
    fails(`${code} that nothing explains`, ['lookup'], also(lookup(9000, T6, failure(code), status)));
  }
  fails(
    '503 just after the store was disturbed',
    [],
    also(fault('store'), lookup(600, T6, failure('STORE_UNAVAILABLE'), 503)),
  );
  fails(
    'NOT_MATERIALIZED after the store was emptied',
    [],
    also(fault('store', { emptied: true }), lookup(600, T6, failure('NOT_MATERIALIZED'), 409)),
  );
  fails('no answer, and nothing happened to the server', ['lookup'], also(lookup(320, T6, 'refused', null)));
  fails('no answer while the server was down', [], also(fault('server'), lookup(420, T6, 'refused', null)));
  fails('no JSON', ['lookup'], also(lookup(320, T6, '<html>')));
});

describe('recovery', () => {
  const conflict = { code: 1, out: failure('CONFLICT') };
  fails(
    'a lease outlives its owner by more than its term',
    ['recovery'],
    recoveredBy(0, recovered('materialize', {}, conflict)),
  );
  fails(
    'it took longer than a lease may last',
    ['lease'],
    recoveredBy(0, recovered('materialize', {}, { toMillis: 9000 })),
  );
  for (const over of [{ watermark: T2 }, { changed: true }, { emptied: true }, { pendingRun: '00000003' }]) {
    fails(`status says ${JSON.stringify(over)}`, ['status'], recoveredBy(1, recovered('status', statusOf(over))));
  }
  fails(
    'a dataset that exists is not listed',
    ['datasets'],
    recoveredBy(2, recovered('dataset list', { datasets: [] })),
  );
  fails(
    'a dataset is listed that no manifest names',
    ['datasets'],
    recoveredBy(2, recovered('dataset list', { datasets: [{ name: 'set', version: 2 }] })),
  );
  const [first, second] = GOOD.recovery.lookups as [
    (typeof GOOD.recovery.lookups)[0],
    (typeof GOOD.recovery.lookups)[0],
  ];
  fails(
    'online is not what the evaluator says',
    ['online'],
    recovery({ lookups: [first, { ...second, body: answer(evidence, [RUN_1, RUN_1], T2) }] }),
  );
  fails('no answer', ['online'], recovery({ lookups: [first, { ...second, status: 503 }] }));
  fails('plumb get says something else', ['get'], recovery({ got: answer(evidence, [RUN_2, RUN_2], T2) }));
  fails(
    'doctor finds something',
    ['doctor'],
    recovery({ doctor: JSON.stringify({ checks: [{ name: 'storage', outcome: 'fail', found: 'x' }] }) }),
  );
  fails('the server logs a defect', ['server'], { ...GOOD, serverLog: '{"level":50,"code":"INTERNAL"}' });
});
