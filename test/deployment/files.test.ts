// What Dockerfile and docker-compose.yml promise, held without Docker. test/long/deployment.test.ts runs their commands.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectVariables } from '../../schemas/environment.ts';
import { projectSchema } from '../../schemas/project.ts';
import { readCompose } from './compose.ts';
import { environmentOf, lastOf, ROOT, readDockerfile, stepsOf } from './dockerfile.ts';

const stages = readDockerfile();
const steps = stepsOf(stages, 'plumb');
const { services, volumes } = readCompose();
const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

test('images are built from the Node of the lock file, pinned by its minor version, in stages', () => {
  const version = json('package-lock.json').packages['node_modules/node'].version as string;
  const names = stages.map(({ name }) => name);
  for (const { base } of stages.filter((stage) => !names.includes(stage.base)))
    assert.equal(base, `node:${version.split('.').slice(0, 2).join('.')}-bookworm-slim`);
  assert.equal(names.at(-1), 'plumb', 'what is built by default');
  const installs = stages.flatMap((stage) => stage.steps.filter(({ text }) => /npm ci/.test(text)));
  for (const { text } of installs) assert.match(text, /--ignore-scripts/);
  assert.ok(
    steps.every(({ text }) => !/npm ci|apt-get/.test(text)),
    'nothing is installed in the image itself',
  );
  assert.match(lastOf(stepsOf(stages, 'dependencies'), 'RUN') ?? '', /npm ci --omit=dev/);
});

test('the image is of nobody in particular, says how it is stopped and whether it lives, and what it is', () => {
  assert.match(lastOf(steps, 'USER') ?? '', /^[1-9]\d*:[1-9]\d*$/);
  assert.equal(lastOf(steps, 'STOPSIGNAL'), 'SIGTERM');
  assert.deepEqual(JSON.parse(lastOf(steps, 'ENTRYPOINT') ?? ''), ['node', '/app/bin/plumb.js']);
  assert.deepEqual(JSON.parse(lastOf(steps, 'CMD') ?? ''), ['serve']);
  assert.deepEqual(JSON.parse((lastOf(steps, 'HEALTHCHECK') ?? '').replace(/^CMD /, '')), [
    'node',
    '/app/bin/plumb-health.js',
    '/healthz',
  ]);
  const label = lastOf(steps, 'LABEL') ?? '';
  for (const name of ['title', 'description', 'licenses', 'version'])
    assert.match(label, new RegExp(`org\\.opencontainers\\.image\\.${name}="[^"]+"`));
  assert.ok(label.includes(`version="${json('package.json').version}"`), label);
});

test('what is copied exists, and .dockerignore lets it through', () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  assert.ok(allowed.includes('*') && allowed.includes('**/*.test.ts'));
  for (const { text, flags } of stages.flatMap((stage) => stage.steps.filter(({ keyword }) => keyword === 'COPY'))) {
    if (flags.has('from')) continue;
    for (const source of text.split(' ').slice(0, -1)) {
      assert.ok(existsSync(join(ROOT, source)), source);
      const isAllowed = allowed.some((line) => line.startsWith('!') && `${source}/`.startsWith(`${line.slice(1)}/`));
      assert.ok(isAllowed, source);
    }
  }
});

test('PLUMB_ variables are those of the project file, with values that it takes', () => {
  const known = projectVariables();
  const set = { ...environmentOf(steps), ...services.server?.environment };
  const unknown = Object.keys(set).filter((name) => name.startsWith('PLUMB_') && !known.has(name));
  assert.deepEqual(unknown, []);
  const { drainDelayMillis, drainTimeoutMillis } = projectSchema.parse({
    project: 'p',
    server: { drainDelayMillis: Number(set.PLUMB_SERVER_DRAINDELAYMILLIS) },
  }).server;
  const graceMillis = Number(/^(\d+)s$/.exec(services.server?.stop_grace_period ?? '')?.[1]) * 1000;
  assert.ok(graceMillis >= drainDelayMillis + drainTimeoutMillis + 10_000, `${graceMillis} ms`);
});

test('every service is confined: read-only root, no capabilities but named ones, no new rights, limits', () => {
  for (const [name, service] of Object.entries(services)) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.equal(service.privileged, undefined, name);
    assert.ok(
      !/latest/.test(service.image ?? '') && (service.build !== undefined || /:/.test(service.image ?? '')),
      name,
    );
    const { cpus, memory, pids } = service.deploy?.resources.limits ?? {};
    assert.ok(cpus !== undefined && memory !== undefined && pids !== undefined, name);
    if (service.user === '0:0')
      assert.deepEqual([service.cap_add, service.network_mode], [['CHOWN', 'FOWNER'], 'none']);
    else assert.equal(service.cap_add, undefined, name);
    for (const one of service.volumes ?? []) assert.ok((one.split(':')[0] ?? '') in volumes, `${name}: ${one}`);
    for (const one of service.ports ?? []) assert.match(one, /^127\.0\.0\.1:/, 'there is no TLS: this machine only');
    if (service.build !== undefined)
      assert.ok(
        stages.some((stage) => stage.name === service.build?.target),
        name,
      );
  }
});

test('what listens beyond its own machine asks for keys', () => {
  const server = { ...environmentOf(steps), ...services.server?.environment };
  assert.deepEqual([server.PLUMB_SERVER_HOST, server.PLUMB_SERVER_AUTH], ['0.0.0.0', 'keys']);
});

test('services wait for what they need, and for nothing that is not there', () => {
  for (const [name, { depends_on = {}, profiles = [] }] of Object.entries(services)) {
    for (const [needed, { condition, required = true }] of Object.entries(depends_on)) {
      const other = services[needed];
      assert.ok(other, `${name} needs ${needed}`);
      const isSure = (other.profiles ?? []).every((profile) => profiles.includes(profile));
      assert.equal(required, isSure, `${name}: ${needed} is only there with a profile`);
      if (condition === 'service_healthy') assert.ok(other.healthcheck?.test, `${needed} has a health check`);
      if (condition === 'service_completed_successfully') assert.equal(other.restart, 'no', needed);
    }
  }
  assert.equal(services.server?.depends_on?.materialize?.condition, 'service_completed_successfully');
  assert.equal(services.materialize?.depends_on?.redis?.condition, 'service_healthy');
  assert.equal(services.materialize?.depends_on?.['s3-bucket']?.condition, 'service_completed_successfully');
});

test('Redis keeps what it was given and drops nothing; its password is in no list of processes', () => {
  const command = services.redis?.command?.join(' ') ?? '';
  assert.match(command, /--appendonly yes/);
  assert.match(command, /--maxmemory-policy noeviction/);
  assert.match(command, /--hash-max-listpack-value 1024/);
  const given = readCompose({ REDIS_PASSWORD: 'given', S3_SECRET_KEY: 'other', PLUMB_PORT: '7000' }).services;
  assert.ok(!(given.redis?.command ?? []).join(' ').includes('given'));
  assert.equal(given.redis?.environment?.REDIS_PASSWORD, 'given');
  assert.equal(given.server?.environment?.PLUMB_ONLINE_URL, 'redis://:given@redis:6379');
  assert.equal(given.s3?.environment?.ROOT_SECRET_KEY, given.server?.environment?.AWS_SECRET_ACCESS_KEY);
  assert.deepEqual(given.server?.ports, ['127.0.0.1:7000:6567']);
});
