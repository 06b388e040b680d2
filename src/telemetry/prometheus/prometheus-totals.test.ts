import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrometheusTelemetry } from './prometheus-telemetry.ts';
import { createPrometheusTotals } from './prometheus-totals.ts';

function oneProcess({ connected, pending }: { readonly connected: number; readonly pending: number }) {
  const telemetry = createPrometheusTelemetry({ ofProcess: true });
  const named = (name: string) => ({ name, help: 'h' });
  const requests = telemetry.counter({ ...named('requests_total'), labelNames: ['status'] });
  const seconds = telemetry.histogram({ ...named('seconds'), buckets: [0.1, 1] });
  telemetry.gauge({ ...named('connected'), ofProcesses: 'min', collect: () => [{ labels: {}, value: connected }] });
  telemetry.gauge({ ...named('pending'), collect: () => [{ labels: {}, value: pending }] });
  return {
    ask: (status: number, took: number) => {
      requests.increment({ status });
      seconds.observe(took);
    },
    snapshot: () => telemetry.snapshot('all').then((snapshot) => structuredClone(snapshot)),
  };
}

const valueIn = (text: string, series: string): number | null => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
};

test('counters and histograms are added up, gauges by their own word', async () => {
  const [a, b] = [oneProcess({ connected: 1, pending: 3 }), oneProcess({ connected: 0, pending: 4 })];
  a.ask(200, 0.05);
  b.ask(200, 0.5);
  b.ask(503, 2);
  const text = await createPrometheusTotals().text([await a.snapshot(), await b.snapshot()]);
  const expected = {
    'requests_total{status="200"}': 2,
    'requests_total{status="503"}': 1,
    'seconds_bucket{le="0.1"}': 1,
    'seconds_bucket{le="1"}': 2,
    'seconds_bucket{le="+Inf"}': 3,
    seconds_count: 3,
    seconds_sum: 2.55,
    connected: 0,
    pending: 7,
  };
  for (const [series, value] of Object.entries(expected)) assert.equal(valueIn(text, series), value, series);
  assert.ok((valueIn(text, 'process_resident_memory_bytes') ?? 0) > 0);
  assert.ok((valueIn(text, 'process_start_time_seconds') ?? 0) > 1e9);
});

test('of a process that ended its counts stay and its gauges go', async () => {
  const totals = createPrometheusTotals();
  const [a, b, c] = [1, 2, 3].map((pending) => oneProcess({ connected: 1, pending }));
  assert.ok(a && b && c);
  for (const one of [a, b, b, c]) one.ask(200, 0.5);
  await totals.text([await a.snapshot(), await b.snapshot()]);
  totals.ended(await b.snapshot());
  totals.ended(await a.snapshot());
  const text = await totals.text([await c.snapshot()]);
  assert.deepEqual(
    ['requests_total{status="200"}', 'seconds_count', 'pending'].map((series) => valueIn(text, series)),
    [4, 4, 3],
  );
  assert.equal(text.match(/^# TYPE requests_total counter$/gm)?.length, 1);
});

test('sums of fractions never go back by their last bit', async () => {
  const totals = createPrometheusTotals();
  const processes = [0.1, 0.2, 0.3].map((took) => {
    const one = oneProcess({ connected: 1, pending: 0 });
    one.ask(200, took);
    return one;
  });
  const snapshots = await Promise.all(processes.map((one) => one.snapshot()));
  let before = 0;
  for (let dead = 0; dead <= snapshots.length; dead += 1) {
    const now = valueIn(await totals.text(snapshots.slice(dead)), 'seconds_sum') ?? 0;
    assert.ok(now >= before, `${before} became ${now}`);
    before = now;
    const next = snapshots[dead];
    if (next !== undefined) totals.ended(next);
  }
});
