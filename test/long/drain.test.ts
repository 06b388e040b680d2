// SIGTERM in the middle of traffic on kept-alive connections: no request fails that was sent. With one process and with two
// workers, which drain each for itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { drive, type Load, newTally, type Tally } from '../e2e/keep-alive-load.ts';
import { type RunningServe, type TempProject, tempProject } from '../e2e/project.ts';
import { readiness, untilAll } from '../e2e/readiness.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';
import { until } from '../waiting.ts';

const BODY = JSON.stringify({ service: 'ranking', entities: [{ user_id: 1 }, { user_id: 2 }], at: UNTIL });
const PATH = '/v1/online-features';
const CLIENTS = 48;

async function shop(drainDelayMillis: number): Promise<TempProject> {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': `project: shop\nengine: { kind: duckdb, threads: 1 }\nserver: { drainDelayMillis: ${drainDelayMillis} }\n`,
  });
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  return project;
}

/** Asks /readyz as a load balancer does: a few times a second, on a connection of its own. */
async function watchReadiness(server: RunningServe, onUnready: () => void): Promise<void> {
  while ((await readiness(server)).startsWith('200')) await sleep(100);
  onUnready();
}

/** Each client has had some answers; then a random moment. */
async function untilBusy(tally: Tally): Promise<void> {
  await until(() => tally.answered >= 4 * CLIENTS);
  await sleep(Math.random() * 100);
}

const clients = (load: Load, tally: Tally): Promise<unknown> =>
  Promise.all(Array.from({ length: CLIENTS }, () => drive(load, tally)));

test('behind a load balancer that watches /readyz nothing fails, and nobody is left when it ends', async () => {
  // Many times as long as from one look at /readyz to the next.
  const project = await shop(4000);
  for (const workers of ['1', '2', '2']) {
    const server = await project.serve({ PLUMB_SERVER_WORKERS: workers });
    await untilAll(server, /^200/);
    const tally = newTally();
    let isReady = true;
    const watching = watchReadiness(server, () => {
      isReady = false;
    });
    const traffic = clients(
      {
        ...{ url: server.url, path: PATH, body: BODY },
        pauseMillis: () => (Math.random() < 0.9 ? 0 : Math.random() * 50),
        ...{ reconnects: true, goesOn: () => isReady },
      },
      tally,
    );
    await untilBusy(tally);
    const { code, err } = await server.stop();
    await Promise.all([traffic, watching]);
    assert.deepEqual(tally.failures, []);
    assert.equal(code, 0, err);
    assert.doesNotMatch(err, /cut off/);
    assert.ok(tally.answered >= 4 * CLIENTS && tally.told > 0, JSON.stringify(tally));
  }
});

for (const drainDelayMillis of [0, 500]) {
  test(`clients that know nothing but their connections lose no request that they sent (delay ${drainDelayMillis} ms)`, async () => {
    const project = await shop(drainDelayMillis);
    for (const workers of ['1', '2', '1', '2']) {
      const server = await project.serve({ PLUMB_SERVER_WORKERS: workers });
      const tally = newTally();
      const traffic = clients(
        {
          ...{ url: server.url, path: PATH, body: BODY },
          pauseMillis: () => Math.random() * 60,
          ...{ reconnects: false, goesOn: () => true },
        },
        tally,
      );
      await untilBusy(tally);
      assert.equal((await server.stop()).code, 0);
      await traffic;
      assert.deepEqual(tally.failures, []);
      assert.ok(tally.answered >= 4 * CLIENTS, JSON.stringify(tally));
      assert.equal(tally.told + tally.closedIdle, CLIENTS, JSON.stringify(tally));
    }
  });
}
