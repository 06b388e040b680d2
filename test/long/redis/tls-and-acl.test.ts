// TLS with an authority of our own, certificates on both sides, and a user with no more rights than the page names.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newProject, redisStoreAt } from '../../contract/online-store/redis-store.ts';
import { type Certificate, newAuthority, signedBy } from '../../servers/certificates.ts';
import { freePort } from '../../servers/free-port.ts';
import { RedisServer } from '../../servers/redis.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { MASTER_NAME, RedisSentinels } from '../../servers/redis-sentinel.ts';
import { FIELD, fails, keysOf, rowsFor, run, textsOf, VIEW } from './polling.ts';

const folder = await mkdtemp(join(tmpdir(), 'plumb-tls-'));
after(() => rm(folder, { recursive: true, force: true }));
const authority = newAuthority(folder, 'authority');
const stranger = newAuthority(folder, 'stranger');
const ofServer = signedBy(authority, folder, 'server', 'DNS:redis.test,DNS:localhost');
const ofClient = signedBy(authority, folder, 'client', 'DNS:plumb.test');
const ofStranger = signedBy(stranger, folder, 'other', 'DNS:plumb.test');
const KEYS = keysOf(50);

async function tlsServer(asksForCertificates: boolean): Promise<string> {
  const port = String(await freePort());
  const files = ['--tls-cert-file', ofServer.certFile, '--tls-key-file', ofServer.keyFile];
  const trust = ['--tls-ca-cert-file', authority.certFile, '--tls-auth-clients', asksForCertificates ? 'yes' : 'no'];
  const server = await RedisServer.start({ extra: ['--tls-port', port, ...files, ...trust] });
  after(() => server[Symbol.asyncDispose]());
  return port;
}

type Tls = NonNullable<Parameters<typeof redisStoreAt>[0]['tls']>;

async function works(url: string, tls: Tls): Promise<void> {
  await using store = redisStoreAt({ url, tls, project: newProject() });
  await run(store, KEYS, 1);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '1'));
}

async function isRefused(url: string, tls: Tls | undefined, message: RegExp): Promise<void> {
  await using store = redisStoreAt({
    url,
    project: newProject(),
    connectTimeoutMillis: 2_000,
    ...(tls ? { tls } : {}),
  });
  await assert.rejects(store.ping(), fails('STORE_UNAVAILABLE', message));
}

const caFile = authority.certFile;
const withCertificate = ({ certFile, keyFile }: Certificate): Tls => ({ caFile, certFile, keyFile });

test('TLS: the authority by its file, the name of the host or another; a wrong one is refused', async () => {
  const port = await tlsServer(false);
  await works(`rediss://localhost:${port}`, { caFile });
  await works(`rediss://127.0.0.1:${port}`, { caFile, serverName: 'redis.test' });
  await isRefused(`rediss://localhost:${port}`, undefined, /certificate/);
  await isRefused(`rediss://localhost:${port}`, { caFile: stranger.certFile }, /certificate/);
  await isRefused(`rediss://127.0.0.1:${port}`, { caFile }, /certificate|IP|altnames/);
  await isRefused(`rediss://localhost:${port}`, { caFile, serverName: 'db.other' }, /certificate|altnames/);
  await isRefused(`redis://localhost:${port}`, undefined, /connection|within|hang up|ECONNRESET/);
});

test('TLS on both sides: our certificate is shown; without it, or with that of a stranger, Redis hangs up', async () => {
  const port = await tlsServer(true);
  const url = `rediss://localhost:${port}`;
  await works(url, withCertificate(ofClient));
  await isRefused(url, { caFile }, /./);
  await isRefused(url, withCertificate(ofStranger), /./);
});

test('a file that cannot be read is named', () => {
  const missing = join(folder, 'missing.pem');
  const open = () => redisStoreAt({ url: 'rediss://localhost:1', tls: { caFile: missing } });
  assert.throws(open, fails('INVALID_CONFIG', /^online\.tls\.caFile: cannot read .*missing\.pem: ENOENT$/));
});

/** As the page says, for Redis and for Sentinels. */
async function documentedUsers(): Promise<readonly string[]> {
  const page = await readFile(join(import.meta.dirname, '../../../docs/reference/configuration.md'), 'utf8');
  return [...page.matchAll(/^ACL SETUSER plumb .*$/gm)].map(([line]) => line);
}

const withUser = (url: string): string => url.replace('//', '//plumb:secret@');

test('the user of the page can do all that is needed, on keys of its project only', async () => {
  const [user = ''] = await documentedUsers();
  const server = await RedisServer.start();
  after(() => server[Symbol.asyncDispose]());
  assert.match(await server.command(user), /OK/);
  await using store = redisStoreAt({ url: `${withUser(server.url)}/2`, project: 'demo', waitReplicas: 0 });
  await run(store, KEYS, 1);
  await store.examine();
  assert.deepEqual(await store.listFields(), [FIELD]);
  assert.equal((await store.listStates()).size, 1);
  await server.command('SCRIPT FLUSH');
  await run(store, KEYS, 2);
  await store.writeRows(FIELD, 2n, [
    { entity: Buffer.from('short'), row: Buffer.from('x'), lifeMillis: 60_000 },
    { entity: Buffer.from('short'), row: Buffer.from('y') },
  ]);
  const swept = await store.sweep(
    () =>
      ({ row }) =>
        row !== null,
    null,
    1_000,
    false,
  );
  assert.deepEqual([swept.seen, swept.removed], [KEYS.length + 1, KEYS.length + 1]);
  const key = { field: FIELD, source: 'clicks', partition: 0 };
  const entry = { entity: Buffer.from('entry'), field: FIELD, expectedVersion: null, next: Buffer.from('x') };
  const sentinels = [{ key, expected: null, next: Buffer.from('s1') }];
  assert.equal(await store.streams().commit({ sentinels, writes: [entry] }), true);
  assert.equal((await store.streams().read({ entities: [entry.entity], fields: [FIELD] }, [key])).sentinels.length, 1);
  assert.equal(await store.removeState(VIEW, Buffer.from('live 2')), true);
  await run(store, KEYS, 3);
  await store.dropField(FIELD);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === null));
  await using other = redisStoreAt({ url: withUser(server.url), project: 'other' });
  await assert.rejects(other.ping(), fails('INVALID_CONFIG', /refuses us \(NOPERM .*keys.*what that user may do/));
});

test('a user who lacks one command is told which', async () => {
  const [user = ''] = await documentedUsers();
  const server = await RedisServer.start();
  after(() => server[Symbol.asyncDispose]());
  for (const lacking of ['hget', 'hset', 'hsetnx', 'evalsha', 'script|load', 'hmget']) {
    await server.command('FLUSHALL');
    await server.command('SCRIPT FLUSH');
    await server.command(user.replace(` +${lacking}`, '').replace('on >', 'reset on >'));
    await using store = redisStoreAt({ url: withUser(server.url), project: 'demo' });
    // Within a script Redis does not say which.
    const told = lacking === 'hset' ? "executing the script can't" : `NOPERM .*'${lacking.split('|')[0]}`;
    await assert.rejects(
      async () => {
        await run(store, KEYS, 1);
        await textsOf(store, KEYS);
      },
      fails('INVALID_CONFIG', new RegExp(`${told}.*what that user may do`, 'i')),
    );
  }
});

test('in a Cluster and behind Sentinels the users of the page are enough too', async () => {
  const [user = '', ofSentinels = ''] = await documentedUsers();
  const cluster = await RedisCluster.start({ nodeTimeoutMillis: 5_000 });
  after(() => cluster[Symbol.asyncDispose]());
  for (const node of cluster.nodes) assert.match(await node.command(user), /OK/);
  await using spread = redisStoreAt({ urls: cluster.urls.map(withUser), project: 'demo' });
  await run(spread, KEYS, 1);
  await spread.examine();
  await spread.writeRows('w@1', 1n, rowsFor(KEYS, '1'));
  await spread.dropField(FIELD);

  const sentinels = await RedisSentinels.start({ downAfterMillis: 10_000 });
  after(() => sentinels[Symbol.asyncDispose]());
  for (const server of sentinels.servers) assert.match(await server.command(user), /OK/);
  for (const server of sentinels.sentinels) assert.match(await server.command(ofSentinels), /OK/);
  const sentinel = { master: MASTER_NAME, username: 'plumb', password: 'secret' };
  await using watched = redisStoreAt({ urls: sentinels.urls.map(withUser), sentinel, project: 'demo' });
  await run(watched, KEYS, 1);
  assert.ok((await textsOf(watched, KEYS)).every((text) => text === '1'));
});
