// The LMDB folder of a running server is moved away, brought back, replaced.
import assert from 'node:assert/strict';
import { cp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookup, type TempProject, tempProject } from '../../e2e/project.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';
import { until } from '../../waiting.ts';

const BODY = { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL };
const LATER = '2026-01-09T00:00:00Z';
const NOTICED_WITHIN_MILLIS = 2500;

async function served(): Promise<{ readonly project: TempProject; readonly url: string; readonly online: string }> {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const { url } = await project.serve();
  assert.equal((await lookup(url, BODY)).status, 200);
  return { project, url, online: join(project.folder, '.plumb/online') };
}

async function within(millis: number, isSo: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  await until(isSo);
  assert.ok(performance.now() - start < millis, `after ${performance.now() - start} ms`);
}
const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;
/** Whether the served watermark is the one that is expected. */
async function isServedAsOf(url: string, watermark: string): Promise<boolean> {
  const response = await lookup(url, { ...BODY, at: LATER, asOf: true });
  const { asOf = {} } = (await response.json()) as { asOf?: Readonly<Record<string, string>> };
  return Object.keys(asOf).length > 0 && Object.values(asOf).every((instant) => instant === watermark);
}
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

test('a folder that is moved away makes the server unready and is not made anew; brought back, it is served', async () => {
  const { url, online } = await served();
  await rename(online, `${online}.away`);
  await within(NOTICED_WITHIN_MILLIS, async () => !(await isReady(url)));
  const answer = await lookup(url, BODY);
  assert.equal(answer.status, 503);
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  assert.equal(error.code, 'STORE_UNAVAILABLE');
  assert.match(error.message, /was removed: bring it back, or run `plumb materialize`/);
  assert.equal(await exists(online), false);
  await rename(`${online}.away`, online);
  await within(2 * NOTICED_WITHIN_MILLIS, () => isReady(url));
  assert.equal((await lookup(url, BODY)).status, 200);
});

test('lookups alone notice a folder that was replaced, and are answered from the new one', async () => {
  const { project, url, online } = await served();
  await cp(online, `${online}.old`, { recursive: true });
  await project.plumb('materialize', '--until', LATER);
  assert.ok(await isServedAsOf(url, LATER));
  await rm(online, { recursive: true });
  await rename(`${online}.old`, online);
  await within(NOTICED_WITHIN_MILLIS, () => isServedAsOf(url, UNTIL));
});

test('a folder that was removed, and filled anew by a run, is served', async () => {
  const { project, url, online } = await served();
  await rm(online, { recursive: true });
  assert.equal((await project.plumb('materialize', '--from-snapshot')).code, 0);
  await within(NOTICED_WITHIN_MILLIS, async () => (await lookup(url, BODY)).status === 200 && isReady(url));
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  await within(NOTICED_WITHIN_MILLIS, () => isServedAsOf(url, LATER));
});
