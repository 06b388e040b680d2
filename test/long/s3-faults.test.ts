// The S3 adapter before a service that fails: through a proxy that misbehaves request by request, to a real server.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { PlumbError } from '../../schemas/errors.ts';
import type { S3Settings } from '../../src/s3-settings.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { PROBE_KEY } from '../../src/storage/s3/conditional-writes.ts';
import { S3Connection } from '../../src/storage/s3/s3-connection.ts';
import { S3ObjectStore } from '../../src/storage/s3/s3-object-store.ts';
import { S3SourceFiles } from '../../src/storage/s3/s3-source-files.ts';
import { endStaleUploads } from '../../src/storage/s3/upload-file.ts';
import { openS3Store, s3Settings } from '../contract/object-store/s3-store.ts';
import { S3Server } from '../servers/s3.ts';
import { type Fault, S3Proxy, type SeenRequest } from '../servers/s3-proxy.ts';

const MIB = 2 ** 20;
const CONTENT = Buffer.alloc(300_000, 'plumb');

let server: S3Server;
let proxy: S3Proxy;
let folder: string;
before(async () => {
  server = await S3Server.start();
  Object.assign(process.env, server.credentials);
  proxy = await S3Proxy.start(server);
  folder = await mkdtemp(join(tmpdir(), 'plumb-s3-faults-'));
});
afterEach(() => {
  proxy.script = () => null;
});
after(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

let prefixes = 0;

/** A store of its own prefix and cache, through the proxy, that has written before: the probe is behind it. */
async function storeAt(settings: Partial<S3Settings> = {}): Promise<{ store: S3ObjectStore; prefix: string }> {
  prefixes += 1;
  const prefix = `faults-${prefixes}`;
  const address = `s3://${server.bucket}/${prefix}`;
  const location = { address, endpoint: proxy.endpoint, cacheFolder: join(folder, prefix) };
  const store = openS3Store(JSON.stringify(location), settings);
  await store.put('there/object', CONTENT);
  return { store, prefix: `${prefix}/` };
}

const FAULTS: Readonly<Record<string, Fault>> = {
  '500': { kind: 'refuse', status: 500, code: 'InternalError' },
  '503 SlowDown': { kind: 'refuse', status: 503, code: 'SlowDown' },
  'a reset before the request arrived': { kind: 'reset' },
  'a lost answer': { kind: 'lose-answer' },
  'a delay': { kind: 'delay', millis: 300 },
};

interface Operation {
  readonly name: string;
  readonly is: (request: SeenRequest) => boolean;
  readonly run: (store: ObjectStore) => Promise<void>;
  /** Its answer has a body that may be cut. */
  readonly hasBody: boolean;
}

const read = async (stream: NodeJS.ReadableStream | null): Promise<Buffer> => {
  assert.ok(stream !== null);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const OPERATIONS: readonly Operation[] = [
  {
    name: 'get',
    is: ({ method }) => method === 'GET',
    run: async (store) => assert.deepEqual(await store.get('there/object'), CONTENT),
    hasBody: true,
  },
  {
    name: 'readRange',
    is: ({ method }) => method === 'GET',
    run: async (store) => {
      const stream = await store.readRange('there/object', { first: 1000, last: 250_000 });
      assert.deepEqual(await read(stream), CONTENT.subarray(1000, 250_001));
    },
    hasBody: true,
  },
  {
    name: 'put',
    is: ({ method }) => method === 'PUT',
    run: async (store) => {
      await store.put('put', CONTENT);
      assert.deepEqual(await store.get('put'), CONTENT);
    },
    hasBody: false,
  },
  {
    name: 'putIfAbsent',
    is: ({ method }) => method === 'PUT',
    run: async (store) => {
      assert.equal(await store.putIfAbsent('created', CONTENT), true);
      assert.equal(await store.putIfAbsent('created', Buffer.from('x')), false);
      assert.deepEqual(await store.get('created'), CONTENT);
    },
    hasBody: false,
  },
  {
    name: 'list',
    is: ({ method, path }) => method === 'GET' && path.includes('list-type=2'),
    run: async (store) =>
      assert.deepEqual(
        (await store.list('there/')).map(({ key, sizeBytes }) => [key, sizeBytes]),
        [['there/object', CONTENT.length]],
      ),
    hasBody: true,
  },
  {
    name: 'delete',
    is: ({ method }) => method === 'POST',
    run: async (store) => {
      await store.put('gone', CONTENT);
      await store.delete(['gone', 'never-there']);
      assert.equal(await store.get('gone'), null);
    },
    hasBody: true,
  },
  {
    name: 'localPath',
    is: ({ method }) => method === 'GET' || method === 'HEAD',
    run: async (store) => assert.deepEqual(await readFile(await store.localPath('there/object')), CONTENT),
    hasBody: true,
  },
];

for (const { name, is, run, hasBody } of OPERATIONS) {
  describe(name, () => {
    const faults = Object.entries({
      ...FAULTS,
      ...(hasBody ? { 'a truncated body': { kind: 'truncate' } as const } : {}),
    });
    for (const [told, fault] of faults) {
      it(`survives ${told}, twice`, async () => {
        const { store } = await storeAt();
        await using _closing = store;
        const injected = proxy.fail(fault, 2, is);
        await run(store);
        assert.ok(injected.done() > 0, 'the fault never happened');
      });
    }
  });
}

describe('adopt', () => {
  const FILE = Buffer.alloc(40 * MIB, 'adopted');
  const adopted = async (store: ObjectStore): Promise<string> => {
    const work = await store.workFolder();
    await writeFile(join(work, 'part'), FILE);
    await store.adopt([{ localPath: join(work, 'part'), key: 'adopted/part' }]);
    await assert.rejects(() => stat(join(work, 'part')), { code: 'ENOENT' });
    await rm(work, { recursive: true });
    return await store.localPath('adopted/part');
  };
  const steps: Readonly<Record<string, (request: SeenRequest) => boolean>> = {
    'the start of an upload in parts': ({ method, path }) => method === 'POST' && path.includes('uploads'),
    'a part': ({ path }) => path.includes('partNumber=2'),
    'its completion': ({ method, path }) => method === 'POST' && path.includes('uploadId='),
  };
  for (const [step, is] of Object.entries(steps)) {
    for (const told of ['500', '503 SlowDown', 'a reset before the request arrived', 'a lost answer']) {
      it(`survives ${told} at ${step}`, async () => {
        const { store, prefix } = await storeAt();
        await using _closing = store;
        const injected = proxy.fail(FAULTS[told] as Fault, 1, is);
        assert.ok((await readFile(await adopted(store))).equals(FILE));
        assert.equal(injected.done(), 1);
        // A start whose answer was lost leaves an upload that nobody knows: only cleaning up ends it.
        if (!(told === 'a lost answer' && step.startsWith('the start'))) assert.deepEqual(await unfinished(prefix), []);
      });
    }
  }

  it('takes what it wrote from the local copy, and what another machine wrote from the service', async () => {
    const { store } = await storeAt();
    await using _closing = store;
    proxy.seen.length = 0;
    await adopted(store);
    assert.deepEqual(
      proxy.seen.filter(({ method }) => method === 'GET'),
      [],
    );
    await server.client().send(
      new PutObjectCommand({
        Bucket: server.bucket,
        Key: `faults-${prefixes}/adopted/part`,
        Body: 'another content',
      }),
    );
    assert.equal(await readFile(await store.localPath('adopted/part'), 'utf8'), 'another content');
  });

  it('aborts an upload that fails or is cancelled, and ends in time', async () => {
    const { prefix } = await storeAt();
    const cancel = new AbortController();
    const settings = { ...s3Settings(proxy.endpoint, join(folder, 'aborted')), retryForMillis: 300 };
    const address = `s3://${server.bucket}/${prefix}`;
    await using store = new S3ObjectStore({
      address,
      connection: S3Connection.open(settings),
      signal: cancel.signal,
    });
    await writeFile(join(folder, 'big'), FILE);
    const adopt = () => store.adopt([{ localPath: join(folder, 'big'), key: 'adopted/part' }]);
    proxy.script = ({ path }) => (path.includes('partNumber=2') ? (FAULTS['500'] as Fault) : null);
    await assert.rejects(adopt, { code: 'STORAGE_UNAVAILABLE', message: /writing adopted\/part/ });
    assert.deepEqual(await unfinished(prefix), []);
    proxy.script = ({ path }) => {
      if (path.includes('partNumber=1')) cancel.abort();
      return null;
    };
    await assert.rejects(adopt, { code: 'CANCELLED' });
    assert.deepEqual(await unfinished(prefix), []);
    assert.equal((await readFile(join(folder, 'big'))).length, FILE.length);
  });

  it('ends uploads that a crashed process left, and no others', async () => {
    const { prefix } = await storeAt();
    const client = server.client();
    const begun = async (key: string): Promise<void> => {
      const place = { Bucket: server.bucket, Key: key };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
      await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'part' }));
    };
    await begun(`${prefix}views/x/part-0.parquet`);
    await begun(`${prefix.slice(0, -1)}-of-another/part`);
    await using connection = S3Connection.open(s3Settings(server.endpoint, join(folder, 'stale')));
    const stale = { bucket: server.bucket, prefix };
    const anHourAgo = new Date(Date.now() - 3_600_000);
    assert.equal(await endStaleUploads(connection, { ...stale, startedBefore: anHourAgo, isDry: false }), 0);
    assert.equal((await unfinished(prefix)).length, 1);
    const all = { ...stale, startedBefore: new Date(Date.now() + 60_000) };
    assert.equal(await endStaleUploads(connection, { ...all, isDry: true }), 1);
    assert.equal(await endStaleUploads(connection, { ...all, isDry: false }), 1);
    assert.deepEqual(await unfinished(prefix), []);
    assert.equal((await unfinished(`${prefix.slice(0, -1)}-of-another/`)).length, 1);
  });

  async function unfinished(prefix: string): Promise<readonly string[]> {
    const place = { Bucket: server.bucket, Prefix: prefix };
    const { Uploads = [] } = await server.client().send(new ListMultipartUploadsCommand(place));
    return Uploads.map(({ Key = '' }) => Key);
  }
});

describe('conditional writes', () => {
  it('exactly one of 100 concurrent creators wins, in each of 30 rounds, though answers get lost', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => storeAt()));
    const { prefix } = stores[0] as { prefix: string };
    const address = `s3://${server.bucket}/${prefix}`;
    const settings = s3Settings(proxy.endpoint, join(folder, 'race'));
    const racing = Array.from(
      { length: 4 },
      () => new S3ObjectStore({ address, connection: S3Connection.open({ ...settings }) }),
    );
    let requests = 0;
    proxy.script = ({ method }) => {
      requests += 1;
      return method === 'PUT' && requests % 7 === 0 ? { kind: 'lose-answer' } : null;
    };
    for (let round = 0; round < 30; round += 1) {
      const names = Array.from({ length: 100 }, (_, creator) => `creator-${creator}`);
      const won = await Promise.all(
        names.map((name, index) =>
          (racing[index % 4] as S3ObjectStore).putIfAbsent(`race/${round}`, Buffer.from(name)),
        ),
      );
      const winners = names.filter((_, creator) => won[creator]);
      assert.equal(winners.length, 1, `round ${round} has ${winners.length} winners`);
      const stored = await racing[0]?.get(`race/${round}`);
      assert.equal(Buffer.from(stored as Uint8Array).toString(), winners[0]);
    }
    for (const store of [...racing, ...stores.map(({ store }) => store)]) await store[Symbol.asyncDispose]();
  });

  it('a conflict of two writers is asked again', async () => {
    const { store } = await storeAt();
    await using _closing = store;
    const conflict: Fault = { kind: 'refuse', status: 409, code: 'ConditionalRequestConflict' };
    const injected = proxy.fail(conflict, 3, ({ method }) => method === 'PUT');
    assert.equal(await store.putIfAbsent('contended', CONTENT), true);
    assert.equal(injected.done(), 3);
  });

  it('a service that ignores the condition is refused as a storage before the first write, and read as a source', async () => {
    const address = `s3://${server.bucket}/unconditional`;
    const location = JSON.stringify({ address, endpoint: proxy.endpoint, cacheFolder: join(folder, 'unconditional') });
    await using store = openS3Store(location);
    proxy.script = () => ({ kind: 'strip', headers: ['if-none-match'] });
    const refused = { code: 'NOT_SUPPORTED', message: /unconditional\/ cannot be a storage: .* two writers/ };
    await assert.rejects(() => store.put('a', CONTENT), refused);
    await assert.rejects(() => store.putIfAbsent('a', CONTENT), refused);
    const local = join(folder, 'unconditional-part');
    await writeFile(local, 'x');
    await assert.rejects(() => store.adopt([{ localPath: local, key: 'a' }]), refused);
    assert.equal(await store.get('a'), null);
    const place = { Bucket: server.bucket, Key: 'unconditional/x.csv', Body: 'a,b\n' };
    await server.client().send(new PutObjectCommand(place));
    await using sources = new S3SourceFiles({
      connection: S3Connection.open(s3Settings(proxy.endpoint, join(folder, 'unconditional'))),
    });
    const [file] = await sources.list(`${address}/*.csv`);
    assert.equal(await readFile(new URL(file?.uri as string), 'utf8'), 'a,b\n');
  });

  it('a service that answers 501 to the condition is refused likewise', async () => {
    const location = {
      address: `s3://${server.bucket}/none`,
      endpoint: proxy.endpoint,
      cacheFolder: join(folder, 'none'),
    };
    await using store = openS3Store(JSON.stringify(location));
    proxy.script = ({ headers }) =>
      headers['if-none-match'] === undefined ? null : { kind: 'refuse', status: 501, code: 'NotImplemented' };
    await assert.rejects(() => store.put('a', CONTENT), {
      code: 'NOT_SUPPORTED',
      message: /refuses conditional writes/,
    });
  });

  it('the probe costs one request, and no listing shows it', async () => {
    const { store, prefix } = await storeAt();
    await store[Symbol.asyncDispose]();
    proxy.seen.length = 0;
    const location = {
      address: `s3://${server.bucket}/${prefix}`,
      endpoint: proxy.endpoint,
      cacheFolder: join(folder, 'p'),
    };
    await using later = openS3Store(JSON.stringify(location));
    for (let write = 0; write < 3; write += 1) await later.put(`w/${write}`, CONTENT);
    const probes = proxy.seen.filter(({ path }) => path.includes(PROBE_KEY));
    assert.equal(probes.length, 1);
    assert.deepEqual(
      (await later.list('')).map(({ key }) => key),
      ['there/object', 'w/0', 'w/1', 'w/2'],
    );
  });
});

describe('what lasts', () => {
  it('fails in time, with what to do, and works again afterwards', async () => {
    const { store } = await storeAt({ retryForMillis: 3_000, requestTimeoutMillis: 2_000 });
    await using _closing = store;
    for (const [fault, message] of [
      [FAULTS['500'], /failed \(InternalError\) while reading there\/object: the service failed again and again/],
      [FAULTS['503 SlowDown'], /failed \(SlowDown\).*asks to slow down/],
      [{ kind: 'reset' }, /failed \(ECONNRESET\).*broke again and again/],
      [{ kind: 'truncate' }, /failed \(ECONNRESET\).*broke again and again/],
      [{ kind: 'delay', millis: 6_000 }, /failed \(TimeoutError\).*did not answer in time/],
    ] as const) {
      proxy.script = () => fault as Fault;
      const startedAt = Date.now();
      await assert.rejects(() => store.get('there/object'), { code: 'STORAGE_UNAVAILABLE', message });
      assert.ok(Date.now() - startedAt < 15_000);
      proxy.script = () => null;
      assert.deepEqual(await store.get('there/object'), CONTENT);
    }
  });

  it('a range that breaks off again and again ends in time, too, and so does one of an object that was replaced', async () => {
    const { store } = await storeAt({ retryForMillis: 2_000 });
    await using _closing = store;
    const range = { first: 0, last: CONTENT.length - 1 };
    // The head of the answer comes, and no byte of its body.
    proxy.script = () => ({ kind: 'truncate', afterBytes: 0 });
    const broken = { code: 'STORAGE_UNAVAILABLE', message: /reading there\/object: the connection broke/ };
    await assert.rejects(async () => read(await store.readRange('there/object', range)), broken);
    let answers = 0;
    proxy.script = ({ method }) => {
      answers += method === 'GET' ? 1 : 0;
      return method === 'GET' && answers === 1 ? { kind: 'truncate' } : null;
    };
    const stream = await store.readRange('there/object', range);
    proxy.script = () => null;
    await store.put('there/object', Buffer.alloc(CONTENT.length, 'other'));
    await assert.rejects(() => read(stream), {
      code: 'STORAGE_UNAVAILABLE',
      message: /was replaced while it was read/,
    });
  });

  it('streams that nobody reads hold no connection', async () => {
    const { store } = await storeAt({ maxConnections: 2, retryForMillis: 10_000 });
    await using _closing = store;
    for (let unread = 0; unread < 10; unread += 1)
      (await store.readRange('there/object', { first: 0, last: 299_999 }))?.destroy();
    assert.deepEqual(await store.get('there/object'), CONTENT);
  });

  it('a byte that changed on the way is found by its checksum', async () => {
    const { store } = await storeAt({ retryForMillis: 3_000 });
    await using _closing = store;
    const injected = proxy.fail({ kind: 'corrupt' }, 1, ({ method }) => method === 'GET');
    assert.deepEqual(await store.get('there/object'), CONTENT);
    assert.equal(injected.done(), 1);
    proxy.script = ({ method }) => (method === 'GET' ? { kind: 'corrupt' } : null);
    await assert.rejects(() => store.localPath('there/object'), { code: 'STORAGE_UNAVAILABLE' });
  });

  it('tells what is wrong with the credentials, the bucket and the address, and no secret', async () => {
    const failing = async (settings: Partial<S3Settings>, bucket = server.bucket): Promise<PlumbError> => {
      const location = { address: `s3://${bucket}/x`, endpoint: server.endpoint, cacheFolder: join(folder, 'wrong') };
      await using store = openS3Store(JSON.stringify(location), { retryForMillis: 200, ...settings });
      const error = await store.put('a', CONTENT).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof PlumbError && error.code === 'STORAGE_UNAVAILABLE');
      assert.ok(!`${error.message}${JSON.stringify(error.details)}`.includes(server.secretAccessKey));
      return error;
    };
    assert.match((await failing({}, 'no-such-bucket')).message, /there is no such bucket: create it/);
    assert.match((await failing({ endpoint: 'http://127.0.0.1:1' })).message, /\(ECONNREFUSED\).*check s3\.endpoint/);
    const { AWS_SECRET_ACCESS_KEY: secret } = process.env;
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    const wrong = await failing({}).finally(() => {
      process.env.AWS_SECRET_ACCESS_KEY = secret;
    });
    assert.match(wrong.message, /does not accept the credentials/);
  });

  it('of a batch that is deleted the keys that stay are told', async () => {
    const { store } = await storeAt();
    await using _closing = store;
    const keys = Array.from({ length: 1200 }, (_, index) => `many/${index}`);
    await Promise.all(keys.slice(0, 40).map((key) => store.put(key, Buffer.from('x'))));
    proxy.seen.length = 0;
    await store.delete(keys);
    assert.equal(proxy.seen.filter(({ method }) => method === 'POST').length, 2);
    assert.deepEqual(await store.list('many/'), []);
  });

  it('lists page by page, each key once', async () => {
    const { store } = await storeAt();
    await using _closing = store;
    const keys = Array.from({ length: 1100 }, (_, index) => `paged/${String(index).padStart(5, '0')}`);
    for (let first = 0; first < keys.length; first += 100)
      await Promise.all(keys.slice(first, first + 100).map((key) => store.put(key, Buffer.from('x'))));
    proxy.seen.length = 0;
    assert.deepEqual(
      (await store.list('paged/')).map(({ key }) => key),
      keys,
    );
    assert.ok(proxy.seen.filter(({ path }) => path.includes('list-type=2')).length >= 2);
  });
});
