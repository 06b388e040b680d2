// The commands of Dockerfile and docker-compose.yml, as they stand there, without Docker: the image is put together from what
// is copied into it and nothing else, and its processes run confined (test/deployment/jail.ts says how far).
import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { readCompose, type Service } from '../deployment/compose.ts';
import { environmentOf, lastOf, ROOT, readDockerfile, type Step, stepsOf } from '../deployment/dockerfile.ts';
import { type JailProcess, type JailRun, makeJail, runInJail, whyNoJail } from '../deployment/jail.ts';
import { lookup } from '../e2e/project.ts';
import { freePort } from '../servers/free-port.ts';
import { redisServerBinary } from '../servers/redis-binary.ts';
import { S3Server } from '../servers/s3.ts';
import { until } from '../waiting.ts';

const UNTIL = '2001-07-01T00:00:00Z';
const stages = readDockerfile();
const running = new Set<JailProcess>();

const folder = await mkdtemp(join(tmpdir(), 'plumb-deployment-'));
after(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all([...running].map(({ ended }) => ended));
  await rm(folder, { recursive: true, force: true });
});

function start(root: string, run: JailRun): JailProcess {
  const started = runInJail(root, run);
  running.add(started);
  void started.ended.finally(() => running.delete(started));
  return started;
}

/** Fails where it does not end with 0 in time. */
async function done(root: string, run: JailRun, withinMillis = 300_000): Promise<string> {
  const { child, ended } = start(root, run);
  const late = setTimeout(() => child.kill('SIGKILL'), withinMillis);
  const { code, output } = await ended;
  clearTimeout(late);
  assert.equal(code, 0, `${run.command.join(' ')}\n${output}`);
  return output;
}

/** As COPY does: a folder's content, or files into a folder. Tests are in .dockerignore. */
async function copy(from: string, { text }: Step, root: string, cwd: string): Promise<void> {
  const words = text.split(' ');
  const target = words.at(-1) ?? '';
  const place = target.startsWith('/') ? join(root, target) : join(root, cwd, target);
  for (const source of words.slice(0, -1)) {
    const isInto = target.endsWith('/');
    await cp(join(from, source), isInto ? join(place, basename(source)) : place, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.test.ts') && !path.includes('/.plumb'),
    });
  }
}

const built = new Map<string, Promise<string>>();
/** The root folder of a stage. */
const build = (name: string): Promise<string> => {
  const known = built.get(name) ?? buildStage(name);
  built.set(name, known);
  return known;
};

async function buildStage(name: string): Promise<string> {
  // Its install brings what is in this clone's node_modules already, from the same lock file.
  if (name === 'example-data')
    return await asRoot(name, { [join(ROOT, 'node_modules/vega-datasets')]: '/app/node_modules/vega-datasets' });
  const root = await asRoot(name, {});
  let cwd = '/';
  for (const step of stepsOf(stages, name)) {
    const from = step.flags.get('from');
    if (step.keyword === 'WORKDIR') cwd = step.text;
    if (step.keyword === 'WORKDIR') await mkdir(join(root, cwd), { recursive: true });
    if (step.keyword === 'COPY') await copy(from === undefined ? ROOT : await build(from), step, root, cwd);
    if (step.keyword !== 'RUN') continue;
    const volumes = { [homedir()]: homedir() };
    const env = {
      ...(process.env as Record<string, string>),
      PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/usr/sbin:/bin',
    };
    await done(root, { command: ['sh', '-ec', step.text], cwd, env, user: '0:0', isReadOnly: false, volumes });
  }
  return root;
}

async function asRoot(name: string, contents: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, name);
  await makeJail(root);
  for (const [from, to] of Object.entries(contents)) await cp(from, join(root, to), { recursive: true });
  return root;
}

async function volume(name: string, user: string): Promise<string> {
  const path = join(folder, 'volumes', name);
  await mkdir(path, { recursive: true });
  const [uid = 0, gid = 0] = user.split(':').map(Number);
  chownSync(path, uid, gid);
  return path;
}

test('build, Redis, S3, apply and materialize, serve, health check, lookup, SIGTERM', async (t) => {
  const why = whyNoJail();
  if (why !== null) return t.skip(why);
  await redisServerBinary();
  const root = await build('example');
  const steps = stepsOf(stages, 'example');
  const user = lastOf(steps, 'USER') ?? '';
  const [redisPort, port] = [await freePort(), await freePort()];
  await using s3 = await S3Server.start();
  const { services } = readCompose({
    REDIS_PASSWORD: 'from0outside',
    S3_ACCESS_KEY: s3.accessKeyId,
    S3_SECRET_KEY: s3.secretAccessKey,
  });
  const data = await volume('plumb-data', user);

  /** A service as compose starts it; of this machine are only the names and ports of the network. */
  const runOf = (service: Service | undefined, command: readonly string[]): JailRun => {
    assert.ok(service);
    const here = { PLUMB_SERVER_PORT: String(port), PLUMB_SERVER_HOST: '127.0.0.1' };
    const env: Record<string, string> = { ...environmentOf(steps), ...service.environment, ...here };
    const url = env.PLUMB_ONLINE_URL?.replace('@redis:6379', `@127.0.0.1:${redisPort}`) ?? '';
    return {
      command,
      cwd: lastOf(steps, 'WORKDIR') ?? '/',
      env: { ...env, PLUMB_ONLINE_URL: url, PLUMB_S3_ENDPOINT: s3.endpoint },
      user: service.user ?? user,
      isReadOnly: service.read_only === true,
      volumes: { [data]: '/data' },
    };
  };

  const redisUser = services.redis?.user ?? '';
  const onPort = (words: readonly string[]) =>
    words.map((word) =>
      word
        .replace('redis-server - ', `redis-server - --bind 127.0.0.1 --port ${redisPort} `)
        .replace('redis-cli ', `redis-cli -p ${redisPort} `),
    );
  const redisRun = (command: readonly string[]): JailRun => ({ ...runOf(services.redis, command), user: redisUser });
  const redisData = { [await volume('redis-data', redisUser)]: '/data' };
  start(root, { ...redisRun(onPort(services.redis?.command ?? [])), volumes: redisData });
  const [, ...redisCheck] = onPort(services.redis?.healthcheck?.test ?? []);
  await until(async () => (await start(root, redisRun(['sh', '-c', ...redisCheck])).ended).code === 0);

  const confined = await done(
    root,
    runOf(services.server, [
      'sh',
      '-c',
      'id -u; for f in /app/x /project/x /x; do touch $f || echo refused; done; grep NoNewPrivs /proc/self/status',
    ]),
  );
  assert.match(confined, /^10001\n/);
  assert.equal(confined.match(/^refused$/gm)?.length, 3, confined);
  assert.match(confined, /NoNewPrivs:\s+1/);

  const makeBucket = services['s3-bucket'];
  await done(root, runOf(makeBucket, [...(makeBucket?.entrypoint ?? []), ...(makeBucket?.command ?? [])]));
  const { entrypoint = [], command = [] } = services.materialize ?? {};
  const materialized = await done(root, runOf(services.materialize, [...entrypoint, ...command]));
  assert.match(materialized, /Registered version 1\./);
  const stored = await s3.client().send(new ListObjectsV2Command({ Bucket: 'plumb', Prefix: 'flights/views/' }));
  assert.ok(
    stored.Contents?.some(({ Key }) => Key?.endsWith('/manifest.json')),
    'the storage is in the bucket',
  );

  const plumb = JSON.parse(lastOf(steps, 'ENTRYPOINT') ?? '') as string[];
  const made = await done(root, runOf(services.server, [...plumb, 'key', 'create', '--role', 'reader']));
  const key = /^plumb_\w+$/m.exec(made)?.[0];
  assert.ok(key, made);
  const serve = [...plumb, ...JSON.parse(lastOf(steps, 'CMD') ?? '')];
  const server = start(root, runOf(services.server, serve));
  const check = (words: readonly string[] = []) => start(root, runOf(services.server, words.slice(1))).ended;
  await until(async () => (await check(services.server?.healthcheck?.test)).code === 0);
  const imageCheck = JSON.parse((lastOf(steps, 'HEALTHCHECK') ?? '').replace('CMD ', '')) as string[];
  assert.equal((await check(['CMD', ...imageCheck])).code, 0);

  const url = `http://127.0.0.1:${port}`;
  const body = { service: 'late_flight', entities: [{ origin: 'ORD', destination: 'SFO' }], at: UNTIL };
  assert.equal((await lookup(url, body)).status, 401);
  const answer = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const { rows } = JSON.parse(text) as { rows: unknown[][] };
  assert.ok(rows[0] !== undefined && rows[0].length === 37 && rows[0].some((value) => value !== null), text);

  assert.equal(server.child.kill(lastOf(steps, 'STOPSIGNAL') as NodeJS.Signals), true);
  await until(async () => (await check(services.server?.healthcheck?.test)).code === 1);
  assert.equal((await check(['CMD', ...imageCheck])).code, 0, 'it lives while it drains');
  const { code, output } = await server.ended;
  assert.equal(code, 0, output);
  assert.match(output, /"msg":"draining"/);
});
