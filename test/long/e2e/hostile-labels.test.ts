// Labels over HTTP that are made to hurt: refused in words for the client, while other work goes on.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as arrow from 'apache-arrow';
import type { DatasetJob, Job } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { tempProject } from '../../e2e/project.ts';
import { SHOP } from '../../e2e/shop.ts';

const LIMITS = '{ labelDepth: 3, labelColumns: 10, uploadedLabelRows: 4, labelDecompressedBytes: 1000 }';
const project = await tempProject({
  ...SHOP,
  'plumb.yaml': `project: shop\nengine: { kind: duckdb, threads: 1 }\nserver: { limits: ${LIMITS} }\n`,
});
await project.plumb('apply');
const server = await project.serve();

const COLUMNS = { user_id: [1], event_timestamp: ['2026-01-08T00:00:00Z'] };
const nested = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
const create = (deep: string): Promise<Response> => {
  const columns = `${JSON.stringify(COLUMNS).slice(0, -1)},"deep":[${deep}]}`;
  return post(server.url, '/v1/datasets', `{"service":"ranking","labels":{"columns":${columns}}}`);
};

async function finish(response: Response): Promise<DatasetJob> {
  const { id } = await answerOf<Job>(response, 202);
  return (await waitFor(server.url, id, hasEnded)) as DatasetJob;
}
async function upload(columns: Readonly<Record<string, arrow.Vector>>): Promise<DatasetJob> {
  const body = Uint8Array.from(arrow.tableToIPC(new arrow.Table(columns), 'stream'));
  const headers = { 'content-type': 'application/vnd.apache.arrow.stream' };
  return await finish(await fetch(`${server.url}/v1/datasets?service=ranking`, { method: 'POST', headers, body }));
}
const labels = (rows: number) => ({
  user_id: arrow.vectorFromArray(Array(rows).fill(1n), new arrow.Int64()),
  event_timestamp: arrow.vectorFromArray(Array(rows).fill(1.7e12), new arrow.TimestampMillisecond('UTC')),
});

for (const levels of [4, 50]) {
  test(`regression: ${levels} nested lists are the mistake of the client: 400, with the column`, async () => {
    const { message, details } = await refusal(await create(nested(levels)), 'INVALID_REQUEST');
    assert.match(
      message,
      /^\$\.labels\.columns\.deep\[0\]: .*label column deep is nested too deeply: expected at most 3/,
    );
    assert.equal(details.column, 'deep');
  });
}

test('regression: 3000 nested lists are refused where the body has one level too many', async () => {
  const { message, details } = await refusal(await create(nested(3000)), 'TOO_LARGE');
  assert.match(message, /^the request body: found more than 100 levels of lists and objects at line 1, column \d+$/);
  assert.equal(details.most, 100);
});

test('as many nested lists as are allowed are read', async () => {
  const job = await finish(await create(nested(3)));
  assert.equal(job.status, 'succeeded', JSON.stringify(job));
});

test('regression: too many label columns are refused before any work', async () => {
  const many = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`c${i}`, [1]]));
  const body = { service: 'ranking', labels: { columns: { ...COLUMNS, ...many } } };
  const { message } = await refusal(await post(server.url, '/v1/datasets', body), 'TOO_LARGE');
  assert.match(message, /found 9002 label columns, expected at most 10 \(server\.limits\.labelColumns\)/);
});

test('regression: an interval or a union fails its job, with the column; the next job is done', async () => {
  const month = new arrow.IntervalMonthDayNano();
  const interval = new arrow.Vector([arrow.makeData({ type: month, length: 1, data: new Int32Array(4) })]);
  const union = new arrow.SparseUnion([0], [new arrow.Field('a', new arrow.Int32())]);
  const [child] = arrow.vectorFromArray([1], new arrow.Int32()).data;
  assert.ok(child !== undefined);
  const unions = arrow.makeData({ type: union, length: 1, typeIds: new Int8Array(1), children: [child] });
  for (const [name, column] of [
    ['interval', interval],
    ['union', new arrow.Vector([unions])],
  ] as const) {
    const { status, error } = await upload({ ...labels(1), strange: column });
    assert.deepEqual([status, error?.code], ['failed', 'INVALID_LABELS'], JSON.stringify(error));
    assert.match(error?.message ?? '', new RegExp(`^label column strange: found the Arrow type ${name}, expected`));
  }
  assert.equal((await upload(labels(1))).status, 'succeeded');
});

test('a file of labels has the same limits on columns and depth', async () => {
  const deep = new arrow.List(new arrow.Field('item', new arrow.List(new arrow.Field('item', new arrow.Int8())))); // two
  const deeper = new arrow.List(new arrow.Field('item', new arrow.List(new arrow.Field('item', deep))));
  const schema = new arrow.Schema([new arrow.Field('odd', deeper)]);
  await writeFile(join(project.folder, 'deep.arrow'), arrow.tableToIPC(new arrow.Table(schema), 'file'));
  const { code, document } = await project.json('dataset', 'create', '--service', 'ranking', '--labels', 'deep.arrow');
  assert.equal(code, 2);
  assert.match(document.error?.message ?? '', /^label column odd is nested too deeply: .*server\.limits\.labelDepth/);
});

test('rows and bytes of uploads are limited as the server is configured', async () => {
  const rows = await upload(labels(5));
  assert.deepEqual([rows.error?.code, rows.error?.details.limit], ['TOO_LARGE', 'uploadedLabelRows']);
  const nulls = new arrow.Vector([arrow.makeData({ type: new arrow.Null(), length: 4 })]);
  const columns = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`n${i}`, nulls]));
  assert.equal((await upload({ ...labels(4), ...columns })).status, 'succeeded');
});
