import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrometheusTelemetry } from '../telemetry/prometheus/prometheus-telemetry.ts';
import { createMetrics } from './metrics.ts';

test('the names of counters end in _total', async () => {
  const text = await createMetrics(createPrometheusTelemetry({ ofProcess: false })).text();
  const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name = '']) => name);
  assert.ok(counters.includes('plumb_online_store_breaker_openings_total'));
  for (const name of counters) assert.match(name, /_total$/);
});
