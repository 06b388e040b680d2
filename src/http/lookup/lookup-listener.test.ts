// Lookups beside the router are answered as the router answers them, which takes chunked bodies.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { fakeParts } from '../../../test/support/fake-parts.ts';
import { FileObjectStore } from '../../storage/file/file-object-store.ts';
import { startServer } from '../server.ts';

const lookup = {
  answer: async ({ service }: { readonly service: string | null }, form: string) => {
    if (service === 'away') throw new PlumbError('STORE_UNAVAILABLE', 'away', { details: { retryAfterMillis: 3000 } });
    if (service === 'broken') throw new Error('secret');
    const one = { rows: [[1]], statuses: [['PRESENT']], at: '2026-01-01T00:00:00Z' };
    return Buffer.from(JSON.stringify({ service, form, ...one }));
  },
};
const explaining = { explain: async () => '[{"equal":true}]' };
const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-listener-')) });
const parts = fakeParts(store);
const server = await startServer({ ...parts, lookup, explaining, ready: async () => {}, host: '127.0.0.1', port: 0 });
after(() => server.stop());

interface Asked {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answerOf({ body, headers = {} }: Asked, isChunked: boolean) {
  const length = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body) };
  const type = { 'content-type': 'application/json' };
  const asked = request(`${server.url}/v1/online-features`, {
    method: 'POST',
    headers: { ...type, ...headers, ...length },
  });
  const answered = new Promise<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
  asked.end(body);
  const response = await answered;
  const { date: _, 'transfer-encoding': __, 'content-length': ___, ...kept } = response.headers;
  const { 'x-request-id': requestId, ...others } = kept;
  // One that the server made is another one each time.
  const id = requestId?.length === 36 ? 'made' : requestId;
  return { status: response.statusCode, headers: others, id, body: await text(response) };
}

for (const [name, asked] of [
  ['a good request', { body: '{"service":"s","entities":[]}' }],
  ['a request id', { body: '{"service":"s","entities":[]}', headers: { 'x-request-id': 'mine-1' } }],
  ['a request id that is none', { body: '{"service":"s","entities":[]}', headers: { 'x-request-id': 'a b' } }],
  ['an error with a request id', { body: '{', headers: { 'x-request-id': 'mine-2' } }],
  ['an explanation', { body: '{"service":"s","entities":[{}],"explain":true}' }],
  ['an explanation of nothing', { body: '{"service":"s","entities":[],"explain":true}' }],
  ['no JSON', { body: 'x' }],
  ['an unknown field', { body: '{"servce":"s","entities":[]}' }],
  ['no entities', { body: '{"service":"s"}' }],
  ['an empty body', { body: '' }],
  ['bytes that are not UTF-8', { body: Buffer.from([0x7b, 0xff]).toString('latin1') }],
  ['another type', { body: '{}', headers: { 'content-type': 'text/plain' } }],
  ['Arrow', { body: '{"service":"s","entities":[]}', headers: { accept: 'application/vnd.apache.arrow.stream' } }],
  ['JSON or Arrow', { body: '{"service":"s","entities":[]}', headers: { accept: '*/*;q=0.1, application/json' } }],
  ['neither', { body: '{"service":"s","entities":[]}', headers: { accept: 'text/html' } }],
  ['a store that is away', { body: '{"service":"away","entities":[]}' }],
  ['a defect', { body: '{"service":"broken","entities":[]}' }],
] as const satisfies readonly (readonly [string, Asked])[]) {
  test(`${name} is answered alike with and without the router`, async () => {
    assert.deepEqual(await answerOf(asked, false), await answerOf(asked, true));
  });
}

// Five good requests above, each in both ways, and three here.
test('a connection serves one request after the other, and both ways are counted', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => answerOf({ body: '{"service":"s","entities":[]}' }, false)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /request_duration_seconds_count\{operation="getOnlineFeatures",status="200"\} 13$/m);
  assert.match(metrics, /request_duration_seconds_count\{operation="explainOnlineFeatures",status="200"\} 2$/m);
});
