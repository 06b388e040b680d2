// Training sets over HTTP: labels by column, by path and as Arrow; what cannot be used; the list; parts and their ranges.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { datasetPageSchema, datasetSchema } from '../../../schemas/wire.ts';
import type { Dataset, DatasetJob, DatasetPage, Job } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { tempProject } from '../../e2e/project.ts';
import { SHOP } from '../../e2e/shop.ts';
import { until } from '../../waiting.ts';

const ARROW = 'application/vnd.apache.arrow.stream';
const TIMES = ['2026-01-08T00:00:00Z', '2026-01-01T12:00:00Z'];
const COLUMNS = { user_id: [1, 2], event_timestamp: TIMES, bought: [true, false] };
/** A key beyond 2^53: the request is text, so that JavaScript does not round it. */
const BIG = '9007199254740995';

const outside = await mkdtemp(join(tmpdir(), 'plumb-outside-'));
after(() => rm(outside, { recursive: true }));
await writeFile(join(outside, 'secret.csv'), 'secret');

const SERVER = '{ labelRoots: [labels], limits: { labelRows: 5, labelBytes: 100000, bodyBytes: 20000 } }';
const project = await tempProject({
  ...SHOP,
  'plumb.yaml': `project: shop\nengine: { kind: duckdb, threads: 1 }\nserver: ${SERVER}\n`,
  'labels/jan.csv': SHOP['labels.csv'] as string,
  'labels/odd.txt': 'x',
  'labels-secret/jan.csv': 'secret',
});
await symlink(join(outside, 'secret.csv'), join(project.folder, 'labels/link.csv'));
await symlink(outside, join(project.folder, 'labels/folder'));
await mkdir(join(project.folder, 'labels/empty.csv'));
await project.plumb('apply');
const server = await project.serve();

const create = (body: unknown): Promise<Response> => post(server.url, '/v1/datasets', body);
const upload = (body: Uint8Array<ArrayBuffer> | ReadableStream, query: string): Promise<Response> =>
  fetch(`${server.url}/v1/datasets?${query}`, {
    ...{ method: 'POST', headers: { 'content-type': ARROW }, body, duplex: 'half' },
  } as RequestInit);

async function finish(response: Response): Promise<DatasetJob> {
  const { id } = await answerOf<Job>(response, 202);
  return (await waitFor(server.url, id, hasEnded)) as DatasetJob;
}
async function datasetOf(job: DatasetJob): Promise<Dataset> {
  assert.equal(job.status, 'succeeded', JSON.stringify(job));
  return datasetSchema.parse(
    await answerOf(await fetch(`${server.url}/v1/datasets/${job.result?.name}/${job.result?.version}`)),
  ) as Dataset;
}

describe('labels', () => {
  it('by column: one row each, all digits of integers, any column passes through', async () => {
    const labels = `{"columns":{"user_id":[1,${BIG}],"event_timestamp":${JSON.stringify(TIMES)},"note":["a",null]}}`;
    const dataset = await datasetOf(
      await finish(await create(`{"service":"ranking","name":"inline","labels":${labels}}`)),
    );
    assert.deepEqual([dataset.rows, dataset.labels.file], [2, 'labels.jsonl']);
    const out = join(project.folder, 'again.jsonl');
    await project.write(
      'big.jsonl',
      `{"user_id":1,"event_timestamp":"${TIMES[0]}","note":"a"}\n{"user_id":${BIG},"event_timestamp":"${TIMES[1]}","note":null}\n`,
    );
    const cli = ['dataset', 'create', '--service', 'ranking', '--name', 'cli', '--labels', 'big.jsonl', '--out', out];
    const { document } = await project.json(...cli);
    assert.deepEqual(
      dataset.parts.map(({ sha256 }) => sha256),
      (document.parts as Dataset['parts']).map(({ sha256 }) => sha256),
      'the same bytes as from a file of labels',
    );
  });

  it('by path under a root, absolute or relative', async () => {
    for (const path of ['jan.csv', join(project.folder, 'labels/jan.csv'), '../labels/jan.csv']) {
      const dataset = await datasetOf(
        await finish(await create({ service: 'ranking', name: 'by-path', labels: { path } })),
      );
      assert.deepEqual([dataset.rows, dataset.labels.file], [2, 'jan.csv'], path);
    }
  });

  it('as an Arrow IPC stream', async () => {
    const table = tableFromArrays({ user_id: BigInt64Array.from([1n, 2n]), event_timestamp: TIMES });
    const bytes = Uint8Array.from(tableToIPC(table, 'stream'));
    const dataset = await datasetOf(await finish(await upload(bytes, 'service=ranking&name=arrow')));
    assert.deepEqual([dataset.rows, dataset.labels.file], [2, 'upload.arrow']);
    const seconds = tableFromArrays({ user_id: BigInt64Array.from([1n]), at: BigInt64Array.from([1767830400n]) });
    const query = 'service=ranking&name=arrow&timestampColumn=at&timestampUnit=s';
    const second = await datasetOf(await finish(await upload(Uint8Array.from(tableToIPC(seconds, 'stream')), query)));
    assert.deepEqual([second.version, second.labels.interval?.from], [2, '2026-01-08T00:00:00Z']);
  });

  const wanted = { service: 'ranking', labels: { columns: COLUMNS } };
  const REFUSED: readonly (readonly [name: string, body: unknown, code: ErrorCode, path: string | undefined])[] = [
    ['no JSON', '{"service":', 'INVALID_REQUEST', undefined],
    ['no object', '[]', 'INVALID_REQUEST', '$'],
    ['no service', { labels: { columns: COLUMNS } }, 'INVALID_REQUEST', '$.service'],
    ['an unknown field', { ...wanted, nam: 'x' }, 'INVALID_REQUEST', '$.nam'],
    ['a bad name', { ...wanted, name: '../x' }, 'INVALID_REQUEST', '$.name'],
    ['a bad unit', { ...wanted, timestampUnit: 'ns' }, 'INVALID_REQUEST', '$.timestampUnit'],
    [
      'labels of two kinds',
      { service: 'ranking', labels: { columns: COLUMNS, path: 'x' } },
      'INVALID_REQUEST',
      '$.labels.path',
    ],
    ['no columns', { service: 'ranking', labels: { columns: {} } }, 'INVALID_REQUEST', '$.labels.columns'],
    [
      'an empty column',
      { service: 'ranking', labels: { columns: { user_id: [] } } },
      'INVALID_REQUEST',
      '$.labels.columns.user_id',
    ],
    [
      'a column that is no list',
      { service: 'ranking', labels: { columns: { user_id: 1 } } },
      'INVALID_REQUEST',
      '$.labels.columns.user_id',
    ],
    [
      'unequal lengths',
      { service: 'ranking', labels: { columns: { ...COLUMNS, bought: [true] } } },
      'INVALID_REQUEST',
      '$.labels.columns.bought',
    ],
    [
      'too many rows',
      { service: 'ranking', labels: { columns: { user_id: [1, 2, 3, 4, 5, 6] } } },
      'TOO_LARGE',
      '$.labels.columns',
    ],
    [
      'a key column missing',
      { service: 'ranking', labels: { columns: { event_timestamp: TIMES } } },
      'INVALID_LABELS',
      '$.labels.columns',
    ],
    ['the timestamp column missing', { ...wanted, timestampColumn: 'at' }, 'INVALID_LABELS', '$.labels.columns'],
    ['an unknown service', { ...wanted, service: 'rankin' }, 'UNKNOWN_NAME', undefined],
    ['too large a body', { ...wanted, name: 'x'.repeat(30_000) }, 'TOO_LARGE', undefined],
    ['a path that is not there', { service: 'ranking', labels: { path: 'no.csv' } }, 'INVALID_LABELS', '$.labels.path'],
    ['a folder', { service: 'ranking', labels: { path: 'empty.csv' } }, 'INVALID_LABELS', '$.labels.path'],
    ['an unknown ending', { service: 'ranking', labels: { path: 'odd.txt' } }, 'INVALID_LABELS', undefined],
    [
      'a path out of the roots',
      { service: 'ranking', labels: { path: '../plumb.yaml' } },
      'INVALID_REQUEST',
      '$.labels.path',
    ],
    ['an absolute path', { service: 'ranking', labels: { path: '/etc/passwd' } }, 'INVALID_REQUEST', '$.labels.path'],
    [
      'a folder that begins like a root',
      { service: 'ranking', labels: { path: '../labels-secret/jan.csv' } },
      'INVALID_REQUEST',
      '$.labels.path',
    ],
    [
      'a link out of the roots',
      { service: 'ranking', labels: { path: 'link.csv' } },
      'INVALID_REQUEST',
      '$.labels.path',
    ],
    [
      'a linked folder',
      { service: 'ranking', labels: { path: 'folder/secret.csv' } },
      'INVALID_REQUEST',
      '$.labels.path',
    ],
    ['a NUL in a path', { service: 'ranking', labels: { path: 'jan.csv\0' } }, 'INVALID_REQUEST', '$.labels.path'],
  ];
  for (const [name, body, code, path] of REFUSED) {
    it(`refused at once: ${name}`, async () => {
      const error = await refusal(await create(body), code);
      assert.equal(error.details.path, path, JSON.stringify(error));
      assert.doesNotMatch(JSON.stringify(error), /secret"|root:/);
    });
  }

  it('refused: uploads that are no Arrow, too large, empty, or with wrong parameters', async () => {
    const arrow = Uint8Array.from([255, 255, 255, 255, 16, 0, 0, 0, 1, 2]);
    const cases: readonly (readonly [Uint8Array<ArrayBuffer>, string, ErrorCode])[] = [
      [Uint8Array.from(Buffer.from('not arrow at all')), 'service=ranking', 'INVALID_LABELS'],
      [Uint8Array.from([1]), 'service=ranking', 'INVALID_LABELS'],
      [new Uint8Array(), 'service=ranking', 'INVALID_LABELS'],
      [new Uint8Array(100_001).fill(255), 'service=ranking', 'TOO_LARGE'],
      [arrow, '', 'INVALID_REQUEST'],
      [arrow, 'service=ranking&servce=x', 'INVALID_REQUEST'],
      [arrow, 'service=ranking&service=ranking', 'INVALID_REQUEST'],
      [arrow, 'service=ranking&name=..', 'INVALID_REQUEST'],
      [arrow, 'service=rankin', 'UNKNOWN_NAME'],
    ];
    for (const [body, query, code] of cases) await refusal(await upload(body, query), code);
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(4000, arrow.subarray(0, 8))),
    });
    const answer = await upload(endless, 'service=ranking').catch(() => null);
    assert.ok(answer === null || answer.status === 413);
  });

  it('a stream that breaks off, or is damaged inside, fails the job as INVALID_LABELS', async () => {
    const table = tableFromArrays({ user_id: BigInt64Array.from([1n, 2n]), event_timestamp: TIMES });
    const bytes = tableToIPC(table, 'stream');
    for (const body of [bytes.slice(0, bytes.length - 60), Uint8Array.from([255, 255, 255, 255, 16, 0, 0, 0, 1, 2])]) {
      const job = await finish(await upload(Uint8Array.from(body), 'service=ranking'));
      assert.deepEqual([job.status, job.error?.code], ['failed', 'INVALID_LABELS'], JSON.stringify(job));
    }
  });

  it('regression: labels that cannot be read are called by their name, not by a path of the server', async () => {
    for (const name of ['bad.parquet', 'bad.jsonl', 'bad.csv']) {
      await project.write(`labels/${name}`, name === 'bad.csv' ? 'user_id,event_timestamp\n1\n' : '{"user_id":');
      const job = await finish(await create({ service: 'ranking', labels: { path: name } }));
      assert.equal(job.error?.code, 'INVALID_LABELS', JSON.stringify(job));
      assert.ok(job.error?.message.includes(name), job.error?.message);
      assert.ok(!JSON.stringify(job).includes(project.folder), JSON.stringify(job));
    }
  });

  it('values that no key can have fail the job with row and value', async () => {
    const job = await finish(
      await create({ service: 'ranking', labels: { columns: { user_id: ['x'], event_timestamp: [TIMES[0]] } } }),
    );
    assert.equal(job.error?.code, 'INVALID_LABELS');
    assert.match(job.error?.message ?? '', /user_id, row 1: found 'x', expected int64/);
  });

  it('an upload whose client goes away leaves nothing', async () => {
    const upload = request(`${server.url}/v1/datasets?service=ranking`, {
      method: 'POST',
      headers: { 'content-type': ARROW },
    });
    upload.on('error', () => {});
    upload.write(Buffer.from([255, 255, 255, 255, 16, 0, 0, 0, 1, 2]));
    const uploads = async () => (await project.stored()).filter((path) => path.startsWith('work/'));
    await until(async () => (await uploads()).length > 0);
    upload.destroy();
    await untilNothing(uploads);
  });

  it('no upload is left when its job has ended', async () => {
    await untilNothing(async () => (await project.stored()).filter((path) => path.includes('.labels.')));
  });
});

const untilNothing = (list: () => Promise<readonly string[]>) => until(list, ({ length }) => length === 0);

describe('stored training sets', () => {
  let dataset: Dataset;
  let url: string;
  let content: Buffer;
  before(async () => {
    dataset = await datasetOf(
      await finish(await create({ service: 'ranking', name: 'stored', labels: { columns: COLUMNS } })),
    );
    url = `${server.url}/v1/datasets/stored/1/parts/0`;
    content = Buffer.from(await (await fetch(url)).arrayBuffer());
  });
  const ranged = (range: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url, { headers: { range, ...headers } });

  it('are listed by name in pages, the newest version of each', async () => {
    await datasetOf(await finish(await create({ service: 'ranking', name: 'stored', labels: { columns: COLUMNS } })));
    const names: string[] = [];
    let next: string | null = null;
    do {
      const query: string = next === null ? 'limit=2' : `limit=2&cursor=${next}`;
      const page: DatasetPage = await answerOf(await fetch(`${server.url}/v1/datasets?${query}`));
      datasetPageSchema.parse(page);
      names.push(...page.datasets.map(({ name, version }) => (name === 'stored' ? `${name}@${version}` : name)));
      next = page.next;
    } while (next !== null);
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.includes('stored@2') && names.includes('arrow'), names.join());
  });

  it('have a manifest with an ETag; latest is asked for anew each time', async () => {
    const first = await fetch(`${server.url}/v1/datasets/stored/1`);
    assert.match(first.headers.get('cache-control') ?? '', /immutable/);
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^"[0-9a-f]{64}"$/);
    const known = await fetch(`${server.url}/v1/datasets/stored/1`, { headers: { 'if-none-match': `"x", ${etag}` } });
    assert.deepEqual([known.status, await known.text(), known.headers.get('etag')], [304, '', etag]);
    const latest = await fetch(`${server.url}/v1/datasets/stored/latest`, { headers: { 'if-none-match': etag } });
    assert.equal(latest.headers.get('cache-control'), 'no-cache');
    assert.equal((await answerOf<Dataset>(latest)).version, 2);
  });

  it('give their parts whole, with length, type and ETag', async () => {
    const response = await fetch(url);
    const { sha256, sizeBytes } = dataset.parts[0] as Dataset['parts'][number];
    assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
    const headers = ['content-type', 'content-length', 'etag', 'accept-ranges'].map((name) =>
      response.headers.get(name),
    );
    assert.deepEqual(headers, ['application/vnd.apache.parquet', String(sizeBytes), `"${sha256}"`, 'bytes']);
    assert.equal(response.status, 200);
    await response.arrayBuffer();
    const head = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=0-3' } });
    assert.deepEqual(
      [head.status, head.headers.get('content-length'), head.headers.get('content-range'), (await head.bytes()).length],
      [200, String(sizeBytes), null, 0],
    );
    assert.equal((await fetch(url, { headers: { 'if-none-match': `W/"${sha256}"` } })).status, 304);
  });

  it('give one range of a part', async () => {
    const size = content.length;
    const cases: readonly (readonly [string, number, number])[] = [
      ['bytes=0-3', 0, 4],
      ['bytes=4-', 4, size],
      ['bytes=-4', size - 4, size],
      [`bytes=-${size + 10}`, 0, size],
      [`bytes=5-${size * 2}`, 5, size],
      [`bytes=${size - 1}-${size - 1}`, size - 1, size],
    ];
    for (const [range, from, to] of cases) {
      const response = await ranged(range);
      assert.equal(response.status, 206, range);
      assert.equal(response.headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
      assert.equal(response.headers.get('content-length'), String(to - from));
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), content.subarray(from, to), range);
    }
  });

  it('ignore what is no single range, and a range of something else', async () => {
    for (const range of ['bytes=3-1', 'bytes=0-1,3-4', 'rows=0-1', 'bytes=', 'bytes=a-b', 'bytes=-'])
      assert.equal((await ranged(range)).status, 200, range);
    const etag = `"${dataset.parts[0]?.sha256}"`;
    assert.equal((await ranged('bytes=0-3', { 'if-range': etag })).status, 206);
    for (const other of ['"x"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT'])
      assert.equal((await ranged('bytes=0-3', { 'if-range': other })).status, 200, other);
  });

  it('refuse a range outside of a part with its size', async () => {
    for (const range of [`bytes=${content.length}-`, 'bytes=-0', 'bytes=999999999999999999999-']) {
      const response = await ranged(range);
      assert.deepEqual(
        [response.status, response.headers.get('content-range')],
        [416, `bytes */${content.length}`],
        range,
      );
      assert.match(await response.text(), /INVALID_REQUEST/);
    }
  });

  it('refuse what is not there', async () => {
    const cases: readonly (readonly [string, ErrorCode])[] = [
      ['stord/1', 'UNKNOWN_NAME'],
      ['stored/9', 'UNKNOWN_NAME'],
      ['stored/0', 'INVALID_REQUEST'],
      ['stored/newest', 'INVALID_REQUEST'],
      ['..%2f..%2fetc/1', 'UNKNOWN_NAME'],
      ['stored/1/parts/1', 'UNKNOWN_NAME'],
      ['stored/1/parts/-1', 'UNKNOWN_NAME'],
      ['stored/1/parts/..%2fmanifest.json', 'UNKNOWN_NAME'],
      ['stored/1/parts/part-00000.parquet', 'UNKNOWN_NAME'],
    ];
    for (const [path, code] of cases) await refusal(await fetch(`${server.url}/v1/datasets/${path}`), code);
    assert.match((await refusal(await fetch(`${server.url}/v1/datasets/stord/1`), 'UNKNOWN_NAME')).message, /"stored"/);
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=%21', 'cursor=A', 'limit=1&limit=2', 'lmit=1'])
      await refusal(await fetch(`${server.url}/v1/datasets?${query}`), 'INVALID_REQUEST');
  });

  it('a client that goes away in the middle of a part frees its file', async () => {
    const key = 'datasets/stored/00000001/';
    const part = dataset.parts[0]?.path as string;
    // The manifest says how long a part is, so a great one needs a manifest of its own: written as the catalog would.
    const large = Buffer.alloc(64 * 2 ** 20, 'plumb');
    const sha256 = createHash('sha256').update(large).digest('hex');
    const manifest = JSON.parse(await project.read(`.plumb/${key}manifest.json`)) as Dataset;
    const parts = [{ path: part, rows: 2, sizeBytes: large.length, sha256 }];
    const folder = '.plumb/datasets/large/00000001';
    await project.write(`${folder}/manifest.json`, JSON.stringify({ ...manifest, name: 'large', parts }));
    await writeFile(join(project.folder, folder, part), large);
    const abort = new AbortController();
    const response = await fetch(`${server.url}/v1/datasets/large/1/parts/0`, { signal: abort.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    const openParts = async (): Promise<readonly string[]> => {
      const handles = await readdir(`/proc/${server.pid}/fd`);
      const targets = await Promise.all(handles.map((fd) => readlink(`/proc/${server.pid}/fd/${fd}`).catch(() => '')));
      return targets.filter((target) => target.endsWith('.parquet'));
    };
    assert.equal((await openParts()).length, 1, 'backpressure holds the file open while nobody reads');
    abort.abort();
    await untilNothing(openParts);
    const whole = Buffer.from(await (await fetch(`${server.url}/v1/datasets/large/1/parts/0`)).arrayBuffer());
    assert.equal(createHash('sha256').update(whole).digest('hex'), sha256);
  });

  it('regression: a part that is gone or cut short is told as that, with nothing said of the whole part', async () => {
    const key = '.plumb/datasets/stored/00000001';
    const part = dataset.parts[0]?.path as string;
    const manifest = JSON.parse(await project.read(`${key}/manifest.json`)) as Dataset;
    const folder = '.plumb/datasets/broken/00000001';
    await project.write(`${folder}/manifest.json`, JSON.stringify({ ...manifest, name: 'broken' }));
    for (const damage of ['gone', 'cut short'] as const) {
      if (damage === 'cut short') await writeFile(join(project.folder, folder, part), 'PAR1');
      for (const headers of [{}, { Range: 'bytes=0-99' }]) {
        const response = await fetch(`${server.url}/v1/datasets/broken/1/parts/0`, { headers });
        for (const name of ['etag', 'content-range', 'cache-control'])
          assert.equal(response.headers.get(name), null, `${name} of a part that is ${damage}`);
        await refusal(response, 'STORAGE_CORRUPT');
      }
    }
  });
});
