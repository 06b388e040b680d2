// The table of operations, the routes of the server, the OpenAPI document and the reference page say the same.
import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS, PlumbError } from '../../schemas/errors.ts';
import { openApiDocument } from '../../schemas/openapi.ts';
import { COMMON_ERRORS, OPERATIONS } from '../../schemas/operations.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { createHttpApp } from './app.ts';
import { documentedPath } from './mount.ts';

const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-http-')) });
const app = createHttpApp({ ...fakeParts(store), readiness: { draining: false, check: async () => {} } });
const table = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`).toSorted();

test('every route is an operation, and every operation has a route', () => {
  assert.deepEqual(app.routes.map(({ method, path }) => `${method} ${documentedPath(path)}`).toSorted(), table);
  assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length);
});

test('the reference page has a heading for every operation, and no other', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/reference/http.md'), 'utf8');
  const headings = [...text.matchAll(/^## (.*)$/gm)].flatMap(([, heading = '']) => heading.split(', '));
  assert.deepEqual(headings.filter((one) => /^(GET|POST|DELETE) /.test(one)).toSorted(), table);
});

test('the reference page says what each operation asks of a key', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/reference/http.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `((?:GET|POST|DELETE) [^`]*)` \| (?:`(\w+)`|none) \| (.*?) ?\|$/gm)];
  const words = { service: 'of its services', source: 'of its sources', project: 'no', neither: 'yes' };
  assert.deepEqual(
    rows.map(([, operation, role, limited]) => [operation, role, limited]),
    OPERATIONS.map(({ method, path, access }) => [
      `${method.toUpperCase()} ${path}`,
      ...(access === 'open' ? [undefined, ''] : [access.role, words[access.about]]),
    ]),
  );
});

test('the reference page says which fields ask for more than their operation', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/reference/http.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `((?:GET|POST|DELETE) [^`]*)` with `(\w+)` \| `(\w+)` \| no \|$/gm)];
  assert.deepEqual(
    rows.map(([, ...cells]) => cells),
    OPERATIONS.flatMap(({ method, path, fields = {} }) =>
      Object.entries(fields).map(([field, { access }]) => {
        assert.equal(access.about, 'project');
        return [`${method.toUpperCase()} ${path}`, field, access.role];
      }),
    ),
  );
});

test('what starts a job is refused by a server without that duty', () => {
  for (const { id, duty, responses } of OPERATIONS) {
    const starts = responses[202]?.headers?.Location !== undefined;
    assert.equal(duty === 'jobs', starts, id);
  }
});

interface Responses {
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

test('the document has every operation with every error that it may answer', async () => {
  const document = (await (await app.request('/openapi.json')).json()) as {
    readonly openapi: string;
    readonly paths: Readonly<Record<string, Readonly<Record<string, Responses>>>>;
  };
  assert.equal(document.openapi, '3.1.0');
  for (const { method, path, errors, responses } of OPERATIONS) {
    const described = document.paths[path]?.[method]?.responses ?? {};
    for (const code of new Set([...COMMON_ERRORS, ...errors])) {
      const { status } = ERRORS[code];
      if (status in responses) continue;
      assert.match(described[status]?.description ?? '', new RegExp(`^${code}: `, 'm'), `${method} ${path}`);
    }
    for (const status of Object.keys(responses)) assert.ok(status in described, `${method} ${path} ${status}`);
  }
});

test('every reference in the document leads to a schema that is used', () => {
  const text = JSON.stringify(openApiDocument({ version: '0', hasKeys: true }));
  const named = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name));
  const { components } = JSON.parse(text) as { readonly components: { readonly schemas: object } };
  assert.deepEqual([...named].toSorted(), Object.keys(components.schemas).toSorted());
});

/** Every method of it throws. */
const failing = <T extends object>(error: PlumbError): T =>
  new Proxy({} as T, {
    get: () => () => {
      throw error;
    },
  });

const BODIES: Readonly<Record<string, unknown>> = {
  getOnlineFeatures: { service: 's', entities: [] },
  createDataset: { service: 's', labels: { columns: { a: [1] } } },
  createMaterialization: {},
  createErasure: { entity: 'user', keys: [{ user_id: 1 }] },
  pushEvents: { events: [] },
};

for (const operation of OPERATIONS.filter(({ errors }) => errors.length > 0)) {
  test(`${operation.id} answers each documented error with its status, and whether to try again`, async () => {
    for (const code of [...COMMON_ERRORS, ...operation.errors]) {
      const error = new PlumbError(code, `it is ${code}`, { details: { why: 1n } });
      const names = [
        'lookup',
        'catalog',
        'datasets',
        'bindings',
        'jobs',
        'runs',
        'schedules',
        'reports',
        'erasures',
        'push',
      ];
      const failingApp = createHttpApp({
        ...fakeParts(store),
        ...(Object.fromEntries(names.map((name) => [name, failing(error)])) as object),
        readiness: { draining: false, check: async () => {} },
      });
      const url = operation.path.replace('{version}', '1').replaceAll(/\{\w+\}/g, '0');
      const body = BODIES[operation.id];
      const response = await failingApp.request(url, {
        method: operation.method.toUpperCase(),
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const { status, retryable } = ERRORS[code];
      assert.deepEqual([response.status, response.headers.get('retry-after')], [status, retryable ? '1' : null], code);
      assert.deepEqual(await response.json(), { error: { code, message: `it is ${code}`, details: { why: '1' } } });
      assert.ok(documentedStatuses(operation).includes(status), `${code} is not documented`);
    }
  });
}

const documentedStatuses = ({ errors, responses }: (typeof OPERATIONS)[number]): readonly number[] => [
  ...Object.keys(responses).map(Number),
  ...[...COMMON_ERRORS, ...errors].map((code) => ERRORS[code].status),
];
