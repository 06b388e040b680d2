// What stands behind the `?` of every operation.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPERATIONS } from '../../schemas/operations.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { createHttpApp } from './app.ts';

const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-http-')) });
const app = createHttpApp({ ...fakeParts(store), readiness: { draining: false, check: async () => {} } });

interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly details: { readonly path: string } };
}

async function refused(path: string, method = 'GET'): Promise<Refusal['error']> {
  const isPost = method === 'POST';
  const init = isPost
    ? { headers: { 'content-type': 'application/json' }, body: '{"service":"s","labels":{"path":"x"}}' }
    : {};
  const response = await app.request(path, { method, ...init });
  assert.equal(response.status, 400, `${method} ${path}`);
  return ((await response.json()) as Refusal).error;
}

for (const { method, path } of OPERATIONS) {
  test(`${method} ${path}: an unknown parameter is refused`, async () => {
    const at = path.replaceAll(/\{\w+\}/g, '1');
    const { code, message, details } = await refused(`${at}?nonsense=1`, method.toUpperCase());
    assert.equal(code, 'INVALID_REQUEST');
    assert.equal(details.path, '?nonsense');
    assert.match(message, /^\?nonsense: found the unknown key "nonsense", expected /);
  });
}

test('a misspelt parameter: the nearest one', async () => {
  assert.match((await refused('/v1/datasets?limt=1')).message, /expected limit or cursor; did you mean limit\?$/);
});

test('a parameter given twice, a long one and __proto__', async () => {
  assert.match((await refused('/v1/datasets?limit=1&limit=2')).message, /^\?limit: found several values/);
  assert.ok((await refused(`/v1/datasets?${'x'.repeat(10_000)}=1`)).message.length < 300);
  assert.match((await refused('/v1/datasets?__proto__=1')).message, /unknown key "__proto__"/);
  assert.match((await refused('/healthz?__proto__=1')).message, /unknown key "__proto__"/);
});
