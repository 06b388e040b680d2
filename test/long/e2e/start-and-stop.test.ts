// A server that starts before what it needs is there, and one that is told to end twice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { startServer } from '../../../src/http/server.ts';
import { FileObjectStore } from '../../../src/storage/file/file-object-store.ts';
import { answerOf, post } from '../../e2e/http-client.ts';
import { lookup, type RunningServe, tempProject } from '../../e2e/project.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';
import { fakeParts } from '../../support/fake-parts.ts';
import { until } from '../../waiting.ts';

const ASK = { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL };

const readiness = async ({ url }: RunningServe) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, text: await response.text() };
};

async function assertServes(server: RunningServe): Promise<void> {
  await until(
    () => readiness(server),
    ({ status }) => status === 200,
  );
  const { rows } = await answerOf<{ rows: unknown[][] }>(await lookup(server.url, ASK));
  assert.deepEqual(rows[0]?.slice(2), [2, 3.5]);
}

/** A project whose storage was filled and then taken away, to `aside`; `bring` copies it back. */
async function awayProject() {
  const project = await tempProject(SHOP);
  const storage = join(project.folder, '.plumb');
  const aside = join(project.folder, 'aside');
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  await rename(storage, aside);
  // Nothing is served from before the registry is there, whole.
  const bring = async (): Promise<void> => {
    const [from, incoming] = [join(aside, 'registry'), join(storage, 'incoming')];
    await cp(aside, storage, { recursive: true, filter: (path) => path !== from });
    await cp(from, incoming, { recursive: true });
    await rename(incoming, join(storage, 'registry'));
  };
  return { project, storage, aside, bring };
}

test('a storage that cannot be read: the server lives, says what is missing, and serves when it comes', async () => {
  const { project, storage, aside } = await awayProject();
  await symlink(storage, storage);
  const server = await project.serve();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  const away = await readiness(server);
  assert.equal(away.status, 503);
  assert.match(away.text, /STORAGE_UNAVAILABLE/);
  const refused = await lookup(server.url, ASK);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  await sleep(1500);
  // At one stroke: a look at a storage that is there in part would give another reason.
  const there = join(project.folder, 'there');
  await symlink(aside, there);
  await rename(there, storage);
  await assertServes(server);
  const { code, err } = await server.stop();
  assert.equal(code, 0);
  const told = err.split('\n').filter((line) => /not ready: /.test(line));
  assert.equal(told.length, 1, err);
});

test('a folder that is mounted after the start: nothing is made in its place, and it is served from', async (t) => {
  const { project, storage, bring } = await awayProject();
  await mkdir(storage);
  const server = await project.serve();
  assert.match((await readiness(server)).text, /NOT_APPLIED/);
  assert.equal((await lookup(server.url, ASK)).status, 409);
  assert.equal(existsSync(join(storage, 'online')), false, 'an online store was made in the mount point');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', storage], { encoding: 'utf8' });
  if (mounted.status !== 0) t.diagnostic(`mount is not permitted, so the folder is filled: ${mounted.stderr}`);
  try {
    await bring();
    await assertServes(server);
    assert.equal((await server.stop()).code, 0);
  } finally {
    if (mounted.status === 0) spawnSync('umount', ['-l', storage]);
  }
});

test('an online store that is damaged ends the server, and it says so', async () => {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  await project.write('.plumb/online/data.mdb', 'this is no database, but it is long enough to be looked at');
  const { code, err } = await project.plumb('serve', '--port', '0');
  assert.equal(code, 1, err);
  assert.match(err, /error: The online store in .*is damaged or no LMDB database/);
});

test('told to end while it waits for its storage, it ends with 0', async () => {
  const project = await tempProject(SHOP);
  await symlink(join(project.folder, '.plumb'), join(project.folder, '.plumb'));
  const server = await project.serve();
  assert.match((await readiness(server)).text, /STORAGE_UNAVAILABLE/);
  assert.equal((await server.stop()).code, 0);
});

test('a port in use is an error at once, also where the storage is away', async () => {
  const project = await tempProject(SHOP);
  await symlink(join(project.folder, '.plumb'), join(project.folder, '.plumb'));
  const store = new FileObjectStore({ root: join(project.folder, 'other') });
  const ready = () => Promise.reject(new PlumbError('STORE_UNAVAILABLE', 'away'));
  const first = await startServer({ ...fakeParts(store), ready, host: '127.0.0.1', port: 0 });
  const port = new URL(first.url).port;
  const { code, out, err } = await project.plumb('serve', '--port', port);
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, new RegExp(`error: port ${port} on 127.0.0.1 is in use; choose another with --port`));
  await first.stop();
});

test('draining takes its time; a second signal ends it at once, with another code, and says so', async () => {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': 'project: shop\nserver: { drainDelayMillis: 60000 }\n',
  });
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  const server = await project.serve();
  const ended = server.stop();
  const draining = await until(
    () => readiness(server),
    ({ status }) => status === 503,
  );
  assert.match(draining.text, /"DRAINING"/);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  const answered = await lookup(server.url, ASK);
  assert.deepEqual([answered.status, answered.headers.get('connection')], [200, 'close']);
  const job = await post(server.url, '/v1/materializations', {});
  assert.deepEqual([job.status, /"DRAINING"/.test(await job.text())], [503, true]);
  process.kill(server.pid, 'SIGTERM');
  const { code, err } = await ended;
  assert.equal(code, 143);
  assert.match(err, /"signal":"SIGTERM".*"msg":"draining"/);
  assert.match(err, /ending at once, as a second signal asks/);
});
