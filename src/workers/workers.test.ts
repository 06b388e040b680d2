import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../config/config.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { createPrometheusTelemetry } from '../telemetry/prometheus/prometheus-telemetry.ts';
import { createPrometheusTotals } from '../telemetry/prometheus/prometheus-totals.ts';
import { MOST_FAILED_STARTS } from './restarts.ts';
import { Workers } from './workers.ts';

test('regression: a system that cannot start a process for now does not end the primary', async () => {
  let starts = 0;
  const told: string[] = [];
  await using workers = new Workers({
    count: 1,
    settings: { config: {} as Config, host: '127.0.0.1', port: 1 },
    fork: () => {
      starts += 1;
      throw new Error('spawn ENOMEM');
    },
    jobs: {} as JobQueue,
    explaining: {} as Explaining,
    telemetry: createPrometheusTelemetry({ ofProcess: false }),
    totals: createPrometheusTotals(),
    logger: { info: () => {}, error: (_context, message) => void told.push(message) },
  });
  await assert.rejects(workers.gaveUp, { code: 'INTERRUPTED', message: /5 times in a row .* spawn ENOMEM/ });
  assert.equal(starts, MOST_FAILED_STARTS);
  assert.deepEqual(new Set(told), new Set(['worker does not start: spawn ENOMEM; another one takes its place']));
});
