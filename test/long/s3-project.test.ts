// Projects whose storage and sources lie in S3, driven as a user would.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Dataset, Job } from '../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, waitFor } from '../e2e/http-client.ts';
import { lookup, type TempProject, tempProject } from '../e2e/project.ts';
import { CLICKS, DEFINITIONS, LABELS, PROFILES, UNTIL } from '../e2e/shop.ts';
import { S3Server } from '../servers/s3.ts';
import { S3Proxy } from '../servers/s3-proxy.ts';
import { plumb } from './plumb-process.ts';

const LATER = '2026-01-09T00:00:00Z';
const LATER_CLICK = '{"user_id":1,"ts":"2026-01-08T12:00:00Z","price":8}\n';

const server = await S3Server.start();
const client = server.client();
Object.assign(process.env, server.credentials);
after(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

const put = async (key: string, Body: string): Promise<void> =>
  void (await client.send(new PutObjectCommand({ Bucket: server.bucket, Key: key, Body })));

/** The shop with its storage under the prefix, profiles in a folder of this machine and clicks in S3. */
async function shop(prefix: string, endpoint = server.endpoint, retryForMillis = 5_000): Promise<TempProject> {
  const { bucket } = server;
  const storage = `storage: s3://${bucket}/${prefix}\ns3: { endpoint: "${endpoint}", retryForMillis: ${retryForMillis} }`;
  const clicks = `path: s3://${bucket}/${prefix}-sources/clicks/*.jsonl`;
  return await tempProject({
    'plumb.yaml': `project: shop\n${storage}\nonline: { kind: lmdb }\nengine: { kind: duckdb, threads: 1 }\n`,
    'features/shop.yaml': DEFINITIONS.replace('path: data/clicks.jsonl', clicks),
    'data/profiles.jsonl': PROFILES,
    'labels.csv': LABELS,
  });
}

async function ran(project: TempProject, ...args: readonly string[]) {
  const { code, out, err } = await project.plumb(...args, '--json');
  assert.equal(code, 0, `plumb ${args.join(' ')}: ${err}${out}`);
  return JSON.parse(out) as Readonly<Record<string, unknown>>;
}

const got = async (project: TempProject, at = UNTIL): Promise<unknown> =>
  (await ran(project, 'get', '--service', 'ranking', '--at', at, '--entity', '{"user_id":1}', '{"user_id":2}')).rows;

await put('life-sources/clicks/1.jsonl', CLICKS);
const project = await shop('life');

describe('a project in S3', () => {
  it('apply, materialize, get, status, doctor', async () => {
    assert.equal((await ran(project, 'apply')).outcome, 'registered');
    assert.equal((await ran(project, 'apply')).outcome, 'unchanged');
    await ran(project, 'materialize', '--until', UNTIL);
    assert.deepEqual(
      JSON.stringify(await got(project)),
      JSON.stringify([
        ['US', 9007199254740992, 2, 3.5],
        ['DE', 7, 0, null],
      ]),
    );
    assert.match((await project.plumb('status')).out, /profile/);
    const { out } = await project.plumb('doctor');
    assert.match(out, /storage: s3:\/\/plumb-test\/life is writable, refuses a second creator .* answers in [\d.]+ ms/);
    assert.match(out, /ok {4}sources: 2 found/);
  });

  it('keeps nothing of the storage in the folder but copies and the online store', async () => {
    assert.deepEqual((await readdir(join(project.folder, '.plumb'))).toSorted(), ['online', 'tmp']);
    assert.deepEqual(
      (await readdir(join(project.folder, '.plumb/tmp/s3/work'))).filter((name) => name !== ''),
      [],
      'every process removed its work and its lease',
    );
  });

  it('a training set has one row per label, and an object of a source that is new is seen', async () => {
    const made = await ran(
      project,
      'dataset',
      'create',
      '--service',
      'ranking',
      '--labels',
      'labels.csv',
      '--out',
      'o.jsonl',
    );
    assert.equal(made.rows, 2);
    assert.match(await project.read('o.jsonl'), /9007199254740993/);
    await put('life-sources/clicks/2.jsonl', LATER_CLICK);
    await ran(project, 'materialize', '--until', LATER);
    const rows = (await got(project, LATER)) as unknown[][];
    assert.deepEqual(rows[0]?.slice(2), [1, 8]);
  });

  it('serves, makes training sets for clients, and gives parts by ranges', async () => {
    const running = await project.serve();
    const answer = await lookup(running.url, { service: 'ranking', entities: [{ user_id: 2 }], at: LATER });
    assert.deepEqual(((await answer.json()) as { rows: unknown }).rows, [['DE', 7, 0, null]]);
    const columns = { user_id: [1, 2], event_timestamp: ['2026-01-08T00:00:00Z', '2026-01-01T12:00:00Z'] };
    const { id } = await answerOf<Job>(
      await post(running.url, '/v1/datasets', { service: 'ranking', name: 'http', labels: { columns } }),
      202,
    );
    const job = await waitFor(running.url, id, hasEnded);
    assert.equal(job.status, 'succeeded', JSON.stringify(job));
    const dataset = await answerOf<Dataset>(await fetch(`${running.url}/v1/datasets/http/1`));
    const part = `${running.url}/v1/datasets/http/1/parts/0`;
    const whole = Buffer.from(await (await fetch(part)).arrayBuffer());
    assert.equal(createHash('sha256').update(whole).digest('hex'), dataset.parts[0]?.sha256);
    const tail = await fetch(part, { headers: { range: 'bytes=-8' } });
    assert.equal(tail.status, 206);
    assert.deepEqual(Buffer.from(await tail.arrayBuffer()), whole.subarray(-8));
    const middle = await fetch(part, { headers: { range: 'bytes=100-299' } });
    assert.deepEqual(Buffer.from(await middle.arrayBuffer()), whole.subarray(100, 300));
    const ended = await running.stop();
    assert.deepEqual([ended.code, ended.err.includes('Error')], [0, false]);
  });

  it('another machine has the same versions, training sets and runs', async () => {
    const other = await shop('life');
    await ran(other, 'materialize', '--from-snapshot', '--until', LATER);
    assert.deepEqual(await got(other, LATER), await got(project, LATER));
    const listed = (await ran(other, 'dataset', 'list')).datasets as readonly { name: string }[];
    assert.ok(listed.some(({ name }) => name === 'http'));
    assert.equal((await ran(other, 'apply')).outcome, 'unchanged');
  });
});

describe('what is missing', () => {
  it('tells of sources as of files: objects, a folder, a bucket', async () => {
    const project = await shop('missing');
    const applied = async (path: string) => {
      await project.write('features/shop.yaml', DEFINITIONS.replace('path: data/clicks.jsonl', `path: ${path}`));
      const { code, document } = await project.json('apply');
      return { code, text: JSON.stringify(document.error) };
    };
    const local = await applied('nowhere/*.jsonl');
    await put('missing-sources/clicks/1.jsonl', CLICKS);
    const source = `s3://${server.bucket}/missing-sources`;
    assert.match(local.text, /"found":"the folder nowhere does not exist/);
    for (const [path, found] of [
      [`${source}/clocks/*.jsonl`, `no object matches ${source}/clocks/*.jsonl`],
      [`${source}/clicks/2.jsonl`, `there is no object ${source}/clicks/2.jsonl`],
      ['s3://no-such-bucket/clicks/*.jsonl', 'there is no bucket no-such-bucket'],
      [
        `${source}/clicks`,
        `found the folder ${source}/clicks, expected an object or a glob such as ${source}/clicks/*.parquet`,
      ],
    ] as const) {
      const { code, text } = await applied(path);
      assert.equal(code, local.code, text);
      assert.ok(text.includes(`"found":${JSON.stringify(found)}`), text);
    }
    await ran(await shop('missing'), 'apply');
    await client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key: 'missing-sources/clicks/1.jsonl' }));
    const { code, document } = await (await shop('missing')).json('materialize', '--until', UNTIL);
    assert.equal(code, 1);
    const runs = document.runs as readonly { view: string; outcome: string; notice: string | null }[];
    const { outcome, notice } = runs.find(({ view }) => view === 'spending') ?? {};
    assert.equal(outcome, 'failed');
    assert.match(notice ?? '', /^source clicks: no object matches s3:\/\/plumb-test\/missing-sources/);
  });

  it('tells of a storage in a bucket that does not exist, or without credentials', async () => {
    const project = await shop('lost');
    await project.write(
      'plumb.yaml',
      `project: shop\nstorage: s3://no-such-bucket/x\ns3: { endpoint: "${server.endpoint}" }\n`,
    );
    const { code, document } = await project.json('list');
    assert.deepEqual([code, document.error?.code], [1, 'STORAGE_UNAVAILABLE']);
    assert.match(document.error?.message ?? '', /there is no such bucket/);
  });
});

describe('an outage', () => {
  it('of the storage is not one of lookups: the version that is known goes on being served', async () => {
    await put('away-sources/clicks/1.jsonl', CLICKS);
    const project = await shop('away', server.endpoint, 20_000);
    await ran(project, 'apply');
    await ran(project, 'materialize', '--until', UNTIL);
    const running = await project.serve();
    const ask = { service: 'ranking', entities: [{ user_id: 2 }], at: UNTIL };
    const expected = { status: 200, rows: [['DE', 7, 0, null]] };
    const answered = async () => {
      const response = await lookup(running.url, ask);
      return { status: response.status, rows: ((await response.json()) as { rows: unknown }).rows };
    };
    assert.deepEqual(await answered(), expected);
    await server.kill();
    const until = Date.now() + 2000;
    while (Date.now() < until) {
      const startedAt = Date.now();
      assert.deepEqual(await answered(), expected);
      assert.ok(Date.now() - startedAt < 10_000, 'a lookup waited for the storage');
    }
    await server.start();
    assert.deepEqual(await answered(), expected);
    await running.stop();
  });
});

describe('a crash', () => {
  for (const [point, command] of [
    ['materialize.parts_adopted', ['materialize', '--until', UNTIL]],
    ['materialize.manifest_written', ['materialize', '--until', UNTIL]],
    ['materialize.rows_written', ['materialize', '--until', UNTIL]],
    ['dataset.parts_written', ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'd']],
  ] as const) {
    it(`at ${point} leaves nothing half done, and the next command finishes`, async () => {
      const prefix = `crash-${point.replaceAll(/\W/g, '-')}`;
      await put(`${prefix}-sources/clicks/1.jsonl`, CLICKS);
      const project = await shop(prefix);
      await ran(project, 'apply');
      const { signal } = await plumb(project.folder, command, { env: { PLUMB_FAILPOINT: point } });
      assert.equal(signal, 'SIGKILL');
      const datasets = (await ran(project, 'dataset', 'list')).datasets as readonly unknown[];
      assert.deepEqual(datasets, []);
      await ran(project, ...command);
      if (command[0] === 'materialize') assert.deepEqual(((await got(project)) as unknown[][])[1], ['DE', 7, 0, null]);
      else assert.equal(((await ran(project, 'dataset', 'list')).datasets as readonly unknown[]).length, 1);
    });
  }

  it('of the service in the middle of a command is told, and the next command finishes', async () => {
    await put('outage-sources/clicks/1.jsonl', CLICKS);
    await using proxy = await S3Proxy.start(server);
    const project = await shop('outage', proxy.endpoint);
    await ran(project, 'apply');
    let isAway = false;
    proxy.script = ({ method, path }) => {
      isAway ||= method === 'PUT' && path.includes('/views/spending/') && path.includes('.parquet');
      return isAway ? { kind: 'reset' } : null;
    };
    const { code, out, err } = await project.plumb('materialize', '--until', UNTIL);
    assert.equal(code, 1);
    assert.ok(isAway);
    assert.match(
      out + err,
      /storage "s3:\/\/plumb-test\/outage" failed \(\w+\) while (?:writing|listing) .*: the connection broke/,
    );
    proxy.script = () => null;
    await ran(project, 'materialize', '--until', UNTIL);
    assert.deepEqual(((await got(project)) as unknown[][])[1], ['DE', 7, 0, null]);
  });
});
