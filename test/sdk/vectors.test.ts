// The TypeScript SDK beside the vectors that all SDKs share.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FeatureValue, PlumbApiError, PlumbClient, PlumbProtocolError } from '../../sdk/typescript/src/index.ts';
import { tempProject } from '../e2e/project.ts';
import { caught, failing, faulty } from './faulty-server.ts';
import { type FailureVector, VECTORS } from './vectors.ts';

const { until, files } = VECTORS.project;
const texts = Object.entries(files).map(([name, lines]) => [name, `${lines.join('\n')}\n`]);
const project = await tempProject(Object.fromEntries(texts));
for (const args of [['apply'], ['materialize', '--until', until]]) {
  const { code, err } = await project.plumb(...args);
  assert.equal(code, 0, err);
}
const server = await project.serve();
const plumb = new PlumbClient({ url: server.url });

for (const { name, request, answer } of VECTORS.lookups) {
  test(`a lookup: ${name}`, async () => {
    const { service, version, at, features, rows, statuses, eventTimes, asOf } = await plumb.lookup(request);
    assert.deepEqual(
      { service, version, at, features, rows, statuses, eventTimes, asOf },
      { statuses: undefined, eventTimes: undefined, asOf: undefined, ...answer },
    );
  });
}

for (const { name, request, error } of VECTORS.refusals) {
  test(`a refusal: ${name}`, async () => {
    const thrown = await caught(plumb.lookup(request));
    assert.ok(thrown instanceof PlumbApiError);
    assert.deepEqual({ code: thrown.code, status: thrown.status }, { code: error.code, status: error.status });
    if (error.path !== undefined) assert.equal(thrown.details.path, error.path);
  });
}

test('a training set', async () => {
  const { service, labels, columns, rows } = VECTORS.trainingSet;
  const job = await plumb.datasets.create({ service, name: 'vectors', labels });
  const found = await Array.fromAsync((await job.wait({ pollMillis: 20 })).rows());
  const bytesAsText = (value: FeatureValue | undefined): unknown =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  assert.deepEqual(
    found.map((row) => Object.entries(row).map(([name, value]) => [name, bytesAsText(value)])),
    rows.map((row) => columns.map((name, i) => [name, row[i]])),
  );
});

for (const { name, answer, error, requests } of VECTORS.failures) {
  test(`a failure: ${name}`, async () => {
    const faults = await faulty(failing(answer.status, answer.body, answer.headers));
    const client = faults.client({ retries: 2 });
    check(await caught(client.lookup({ service: 'ranking', entities: [{ user_id: 1 }] })), error);
    assert.equal(faults.requests(), requests.lookup);
    const labels = [{ user_id: 1, event_timestamp: until }];
    check(await caught(client.datasets.create({ service: 'ranking', labels })), error);
    check(await caught(client.materializations.create()), error);
    assert.equal(faults.requests(), requests.lookup + 2 * requests.job);
  });
}

function check(thrown: Error, expected: FailureVector): void {
  assert.ok(thrown.message.includes(expected.message), thrown.message);
  if (expected.code === 'CLIENT_PROTOCOL') assert.ok(thrown instanceof PlumbProtocolError);
  else checkApiError(thrown, expected);
}

function checkApiError(thrown: Error, { message: _, retryAfterSeconds, ...parts }: FailureVector): void {
  assert.ok(thrown instanceof PlumbApiError);
  const { code, status, details, retryable, requestId, retryAfterMillis } = thrown;
  assert.deepEqual(
    { code, status, details, retryable, requestId, retryAfterMillis },
    { requestId: null, ...parts, retryAfterMillis: retryAfterSeconds === undefined ? null : retryAfterSeconds * 1000 },
  );
}

test('addresses that cannot be, without repeating a secret', () => {
  for (const url of VECTORS.impossibleUrls) {
    const isClear = (thrown: unknown): boolean => thrown instanceof TypeError && !thrown.message.includes('s3cret');
    assert.throws(() => new PlumbClient({ url }), isClear, url);
  }
});
