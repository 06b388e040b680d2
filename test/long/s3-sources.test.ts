// Sources in S3: the glob language of files, identities, the cache shared by processes, objects that change.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../src/s3-settings.ts';
import { S3Connection } from '../../src/storage/s3/s3-connection.ts';
import { S3SourceFiles } from '../../src/storage/s3/s3-source-files.ts';
import { s3Settings } from '../contract/object-store/s3-store.ts';
import { S3Server } from '../servers/s3.ts';
import { S3Proxy } from '../servers/s3-proxy.ts';

const server = await S3Server.start();
Object.assign(process.env, server.credentials);
const proxy = await S3Proxy.start(server);
const client = server.client();
const folder = await mkdtemp(join(tmpdir(), 'plumb-s3-sources-'));
after(async () => {
  client.destroy();
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const root = `s3://${server.bucket}`;
const put = async (key: string, Body = key): Promise<void> =>
  void (await client.send(new PutObjectCommand({ Bucket: server.bucket, Key: key, Body })));
const open = (cache: string, settings: Partial<S3Settings> = {}): S3SourceFiles =>
  new S3SourceFiles({
    connection: S3Connection.open({ ...s3Settings(proxy.endpoint, join(folder, cache)), ...settings }),
  });

describe('globs', async () => {
  for (const key of [
    'data/b.csv',
    'data/a.csv',
    'data/B.csv',
    'data/.hidden.csv',
    'data/x[1].csv',
    'data/deep/er/c.csv',
    'data/\u{1F600}.csv',
    'data/\uFF5E.csv',
    'data/folder.csv/',
    '.dot/d.csv',
    'data-beside/a.csv',
  ])
    await put(key, key.endsWith('/') ? '' : key);
  const files = open('globs');
  after(() => files[Symbol.asyncDispose]());

  // The same cases as of files (file-source-files.test.ts).
  for (const [pattern, expected] of [
    ['data/a.csv', ['data/a.csv']],
    [
      'data/*.csv',
      ['data/B.csv', 'data/a.csv', 'data/b.csv', 'data/x[1].csv', 'data/\uFF5E.csv', 'data/\u{1F600}.csv'],
    ],
    ['data/[ab].csv', ['data/a.csv', 'data/b.csv']],
    ['data/{b,a,a}.csv', ['data/a.csv', 'data/b.csv']],
    ['data/?.csv', ['data/B.csv', 'data/a.csv', 'data/b.csv', 'data/\uFF5E.csv']],
    ['data/**/c.csv', ['data/deep/er/c.csv']],
    ['**/[ac].csv', ['data-beside/a.csv', 'data/a.csv', 'data/deep/er/c.csv']],
    ['data/x[1].csv', ['data/x[1].csv']],
    ['.dot/*.csv', ['.dot/d.csv']],
    ['data/.*.csv', ['data/.hidden.csv']],
    ['data/folder.csv', []],
    ['data/a.csv/*', []],
    ['nowhere/*.csv', []],
  ] as const) {
    it(`lists ${pattern}`, async () => {
      const listed = await files.list(`${root}/${pattern}`);
      assert.deepEqual(
        listed.map(({ path }) => path),
        expected.map((key) => `${root}/${key}`),
      );
      for (const { path, uri, sizeBytes } of listed) {
        assert.equal(`${root}/${await readFile(new URL(uri), 'utf8')}`, path);
        assert.equal((await stat(new URL(uri))).size, sizeBytes);
      }
    });
  }

  it('asks for the longest prefix that can match', async () => {
    proxy.seen.length = 0;
    await files.list(`${root}/data/dee*/*/c.csv`);
    const prefixes = proxy.seen.map(({ path }) => new URL(path, proxy.endpoint).searchParams.get('prefix'));
    assert.deepEqual(prefixes.filter((prefix) => prefix !== null).at(-1), 'data/dee');
  });

  it('explains why nothing matches', async () => {
    for (const [path, sentence] of [
      [`${root}/data`, `found the folder ${root}/data, expected an object or a glob such as ${root}/data/*.parquet`],
      [`${root}/data/*.parquet`, `no object matches ${root}/data/*.parquet`],
      [`${root}/data/none.csv`, `there is no object ${root}/data/none.csv`],
      ['s3://nowhere-at-all/x.csv', 'there is no bucket nowhere-at-all'],
      ['s3://nowhere-at-all/*.csv', 'there is no bucket nowhere-at-all'],
    ] as const) {
      assert.equal(await files.explainEmpty(path), sentence);
      assert.deepEqual(await files.list(path), []);
    }
  });
});

describe('what changes', () => {
  it('has another identity, and the copy is the new content; what stayed is not fetched again', async () => {
    await put('changing/a.csv', 'first');
    await put('changing/b.csv', 'stays');
    const [first, kept] = await (async () => {
      await using files = open('changing');
      return await files.list(`${root}/changing/*.csv`);
    })();
    await put('changing/a.csv', 'other');
    proxy.seen.length = 0;
    await using files = open('changing');
    const [second, again] = await files.list(`${root}/changing/*.csv`);
    assert.notEqual(first?.identity, second?.identity);
    assert.equal(kept?.identity, again?.identity);
    assert.equal(await readFile(new URL(second?.uri as string), 'utf8'), 'other');
    const fetched = proxy.seen.filter(({ method, path }) => method === 'GET' && !path.includes('list-type'));
    assert.deepEqual(
      fetched.map(({ path }) => path.split('?')[0]),
      [`/${server.bucket}/changing/a.csv`],
    );
  });

  it('while it is read is listed again; what goes on changing is told', async () => {
    await put('moving/a.csv', 'version 0');
    await using files = open('moving');
    let version = 0;
    let changes = 1;
    let writing: Promise<void> = Promise.resolve();
    proxy.script = ({ method, path }) => {
      if (method !== 'GET' || path.includes('list-type') || changes === 0) return null;
      changes -= 1;
      version += 1;
      writing = put('moving/a.csv', `version ${version}`);
      return { kind: 'delay', millis: 150 };
    };
    const [file] = await files.list(`${root}/moving/*.csv`);
    await writing;
    assert.equal(await readFile(new URL(file?.uri as string), 'utf8'), 'version 1');
    changes = 100;
    await put('moving/a.csv', 'another start');
    await assert.rejects(() => files.list(`${root}/moving/*.csv`), {
      code: 'CONFLICT',
      message: /changed while they were/,
    });
    await writing;
    proxy.script = () => null;
  });
});

describe('the cache', () => {
  const CHILD = fileURLToPath(new URL('s3-sources-child.ts', import.meta.url));

  it('is shared by processes that read more than it holds, at once, and each sees every file whole', async () => {
    const cacheFolder = join(folder, 'shared');
    const sizeBytes = 200_000;
    for (let index = 0; index < 12; index += 1) await put(`shared/${index}.csv`, String(index % 10).repeat(sizeBytes));
    const settings = { ...s3Settings(proxy.endpoint, cacheFolder), cacheBytes: 3 * sizeBytes };
    const children = Array.from({ length: 3 }, () => {
      const child = spawn(process.execPath, [CHILD, JSON.stringify(settings), `${root}/shared/*.csv`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      after(() => child.kill('SIGKILL'));
      return child;
    });
    const said = await Promise.all(children.map((child) => text(child.stdout)));
    assert.deepEqual(said.map(Number), [60, 60, 60]);
    const copies = await readdir(join(cacheFolder, 'objects'));
    assert.ok(copies.length <= 3, `${copies.length} copies, expected 3 at most`);
    assert.deepEqual(await readdir(join(cacheFolder, 'work')), []);
  });
});
