// Clients that are wrong, slow, gone or many, and what else a server shows: registry, methods, CORS, metrics.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../../schemas/errors.ts';
import { featureViewPageSchema, registrySummarySchema } from '../../schemas/wire.ts';
import type { Described, EntityPage, FeatureViewPage, RegistrySummary } from '../../schemas/wire-types.ts';
import { eventually, until } from '../waiting.ts';
import { answerOf, post, refusal } from './http-client.ts';
import { lookup, tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const PAGE = 'https://app.example.com';
const project = await tempProject({
  ...SHOP,
  'plumb.yaml': `project: shop\nserver: { corsOrigins: ["${PAGE}"], limits: { bodyBytes: 4000000 } }\n`,
});
await project.plumb('apply');
await project.plumb('materialize', '--until', UNTIL);
const server = await project.serve();
const LOOKUP = '/v1/online-features';
const ask = { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL };

/** Everything that a raw connection answers until it is closed. */
async function raw(text: string, then: (socket: Socket) => void = () => {}): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => void chunks.push(chunk));
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  await once(socket, 'connect');
  socket.write(text);
  then(socket);
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(chunks).toString();
}

const head = (length: number): string =>
  `POST ${LOOKUP} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;

describe('bad input', () => {
  const REFUSED: readonly (readonly [
    name: string,
    path: string,
    body: unknown,
    code: ErrorCode,
    at: string | undefined,
  ])[] = [
    ['100,000 entities', LOOKUP, { ...ask, entities: Array(100_000).fill({ user_id: 1 }) }, 'TOO_LARGE', '$.entities'],
    ['a body over the limit', LOOKUP, ' '.repeat(4_000_001), 'TOO_LARGE', undefined],
    [
      'a key of the wrong type',
      LOOKUP,
      { ...ask, entities: [{ user_id: 'x' }] },
      'INVALID_REQUEST',
      '$.entities[0].user_id',
    ],
    ['a missing key', LOOKUP, { ...ask, entities: [{ user_id: 1 }, {}] }, 'INVALID_REQUEST', '$.entities[1].user_id'],
    ['an unknown view', '/v1/materializations', { views: ['profile', 'profil'] }, 'UNKNOWN_NAME', '$.views[1]'],
    ['views that are no list', '/v1/materializations', { views: 'profile' }, 'INVALID_REQUEST', '$.views'],
    ['no views', '/v1/materializations', { views: [] }, 'INVALID_REQUEST', '$.views'],
    ['no instant', '/v1/materializations', { until: 'yesterday' }, 'INVALID_REQUEST', '$.until'],
    ['a day that is not there', '/v1/materializations', { until: '2026-02-30' }, 'INVALID_REQUEST', '$.until'],
    ['an unknown mode', '/v1/materializations', { mode: 'ful' }, 'INVALID_REQUEST', '$.mode'],
    ['an unknown field', '/v1/materializations', { view: 'profile' }, 'INVALID_REQUEST', '$.view'],
    ['a list as the body', '/v1/materializations', [], 'INVALID_REQUEST', '$'],
  ];
  for (const [name, path, body, code, at] of REFUSED) {
    it(`refused: ${name}`, async () => {
      const error = await refusal(await post(server.url, path, body), code);
      assert.equal(error.details.path, at, JSON.stringify(error));
    });
  }

  it('duplicate entities are answered, each', async () => {
    const entities = [{ user_id: 1 }, { user_id: 2 }, { user_id: 1 }, { user_id: '1' }, { user_id: null }];
    const { rows } = await answerOf<{ rows: unknown[][] }>(await lookup(server.url, { ...ask, entities }));
    assert.deepEqual([rows.length, rows[0], rows[0]], [5, rows[2], rows[3]]);
    assert.deepEqual(rows[4], [null, null, 0, null]);
  });

  it('a project without a version says so everywhere', async () => {
    const fresh = await tempProject(SHOP);
    const empty = await fresh.serve();
    for (const path of ['/v1/registry', '/v1/entities', '/v1/feature-views/profile', '/v1/feature-services'])
      await refusal(await fetch(`${empty.url}${path}`), 'NOT_APPLIED');
    for (const [path, body] of [
      [LOOKUP, ask],
      ['/v1/materializations', {}],
      ['/v1/datasets', { service: 'ranking', labels: { columns: { a: [1] } } }],
    ] as const)
      await refusal(await post(empty.url, path, body), 'NOT_APPLIED');
    for (const path of ['/v1/datasets', '/v1/materializations'])
      await refusal(await fetch(`${empty.url}${path}`), 'STORAGE_UNAVAILABLE');
    await fresh.plumb('apply');
    assert.deepEqual(await answerOf(await fetch(`${empty.url}/v1/datasets`)), { datasets: [], next: null });
    assert.deepEqual(await answerOf(await fetch(`${empty.url}/v1/materializations`)), {
      materializations: [],
      next: null,
    });
    await eventually(async () => void (await refusal(await lookup(empty.url, ask), 'NOT_MATERIALIZED')));
    assert.equal((await empty.stop()).code, 0);
  });

  it('damaged records and manifests are told as such, without a stack trace', async () => {
    const damaged = await tempProject(SHOP);
    const id = '20260101000000000-materialization-00000000';
    await damaged.write(`.plumb/jobs/${id}.json`, '{"owner":1}');
    await damaged.write('.plumb/datasets/odd/00000001/manifest.json', '{');
    const odd = await damaged.serve();
    for (const path of [`/v1/jobs/${id}`, '/v1/materializations', '/v1/datasets/odd/1']) {
      const response = await fetch(`${odd.url}${path}`);
      assert.match(response.headers.get('x-request-id') ?? '', /^[\w-]{36}$/);
      await refusal(response, 'STORAGE_CORRUPT');
    }
    assert.match(
      await (await fetch(`${odd.url}/metrics`)).text(),
      /plumb_store_errors_total\{code="STORAGE_CORRUPT"\} 3/,
    );
    await odd.stop();
  });
});

describe('clients', () => {
  it('one that closes its side after the request gets its answer', async () => {
    const body = JSON.stringify(ask);
    const answer = await raw(`${head(body.length)}${body}`, (socket) => socket.end());
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(answer, /"rows":\[\["US",9007199254740993,2,3\.5\]\]/);
  });

  it('one whose body breaks off harms nobody', async () => {
    await raw(`${head(1000)}{"service":`, (socket) => setTimeout(() => socket.destroy(), 50));
    const half = await raw(`${head(1000)}{"service":`, (socket) => socket.end());
    assert.doesNotMatch(half, / 200 /);
    assert.equal((await lookup(server.url, ask)).status, 200);
  });

  it('one that speaks no HTTP, or with a head without end, is refused', async () => {
    assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.match(await raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  });

  it('requests keep their id, where it is harmless, and get one where not', async () => {
    const given = async (id: string) =>
      (await fetch(`${server.url}/v1/registry`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    assert.equal(await given('abc-1.2:3'), 'abc-1.2:3');
    for (const harmful of ['a b', 'x'.repeat(129)]) assert.match((await given(harmful)) ?? '', /^[\da-f-]{36}$/);
  });
});

describe('methods', () => {
  it('HEAD is GET without a body; OPTIONS tells what there is; others are 405 with Allow', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/registry', '/v1/datasets', '/metrics', '/openapi.json']) {
      const response = await fetch(`${server.url}${path}`, { method: 'HEAD' });
      assert.deepEqual([response.status, await response.text()], [200, ''], path);
    }
    const patch = await fetch(`${server.url}/v1/jobs/x`, { method: 'PATCH' });
    assert.deepEqual([patch.status, patch.headers.get('allow')], [405, 'GET, HEAD, DELETE']);
    assert.equal((await fetch(`${server.url}/v1/jobs/`)).status, 404);
    const plain = await tempProject({ 'plumb.yaml': 'project: plain\n' });
    const bare = await plain.serve();
    const options = await fetch(`${bare.url}/v1/datasets`, { method: 'OPTIONS', headers: { origin: PAGE } });
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'POST, GET, HEAD']);
    assert.equal(options.headers.get('access-control-allow-origin'), null, 'CORS is off by default');
    await bare.stop();
  });

  it('pages of an allowed origin may call, and read what they need', async () => {
    const preflight = await fetch(`${server.url}${LOOKUP}`, {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    assert.equal(preflight.headers.get('access-control-allow-origin'), PAGE);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /content-type/i);
    for (const path of ['/v1/registry', '/v1/jobs/none', '/nowhere']) {
      const response = await fetch(`${server.url}${path}`, { headers: { origin: PAGE } });
      assert.equal(response.headers.get('access-control-allow-origin'), PAGE, path);
      const exposed = response.headers.get('access-control-expose-headers') ?? '';
      for (const name of ['Retry-After', 'Location', 'ETag', 'Content-Range', 'Accept-Ranges'])
        assert.match(exposed, new RegExp(name));
    }
    const stranger = await fetch(`${server.url}/v1/registry`, { headers: { origin: 'https://evil.example.com' } });
    assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  });
});

describe('the registry', () => {
  it('is read by kind and by name', async () => {
    const summary = await answerOf<RegistrySummary>(await fetch(`${server.url}/v1/registry`));
    registrySummarySchema.parse(summary);
    assert.deepEqual(
      [summary.project, summary.featureViews, summary.featureServices],
      ['shop', ['profile', 'spending'], ['ranking']],
    );
    const { entities } = await answerOf<EntityPage>(await fetch(`${server.url}/v1/entities`));
    assert.deepEqual(entities, [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }]);
    const first = await answerOf<FeatureViewPage>(await fetch(`${server.url}/v1/feature-views?limit=1`));
    featureViewPageSchema.parse(first);
    const second = await answerOf<FeatureViewPage>(
      await fetch(`${server.url}/v1/feature-views?limit=1&cursor=${first.next}`),
    );
    assert.deepEqual(
      [first, second].map((page) => page.featureViews[0]?.name),
      ['profile', 'spending'],
    );
    assert.equal(second.next, null);
    const view = await answerOf<Described>(await fetch(`${server.url}/v1/feature-views/spending`));
    assert.deepEqual([view.name, view.kind], ['spending', 'aggregate']);
    assert.equal((await answerOf<Described>(await fetch(`${server.url}/v1/feature-services/ranking`))).name, 'ranking');
    assert.equal((await fetch(`${server.url}/v1/sources`)).status, 200);
  });

  it('says the nearest name', async () => {
    for (const [path, nearest] of [
      ['feature-views/profil', 'profile'],
      ['feature-services/rankin', 'ranking'],
    ]) {
      const error = await refusal(await fetch(`${server.url}/v1/${path}`), 'UNKNOWN_NAME');
      assert.deepEqual(
        [error.details.nearest, new RegExp(`did you mean "${nearest}"`).test(error.message)],
        [nearest, true],
      );
    }
  });

  it('one lookup is answered from one version, while versions are applied', async () => {
    const whole = '[profile:*, spending:*]';
    let applying = true;
    const versions = new Set<number>();
    const applies = (async () => {
      for (const [index, features] of ['[profile:country]', whole, '[profile:country]', whole].entries()) {
        await project.write('features/shop.yaml', DEFINITIONS.replace(whole, features));
        await project.plumb('apply');
        await until(() => versions.has(index + 2));
      }
    })().finally(() => {
      applying = false;
    });
    const width = (version: number): number => (version % 2 === 1 ? 4 : 1);
    const client = async (): Promise<void> => {
      while (applying) {
        const answer = await answerOf<{ version: number; features: string[]; rows: unknown[][] }>(
          await lookup(server.url, { ...ask, entities: [{ user_id: 1 }, { user_id: 2 }] }),
        );
        versions.add(answer.version);
        const widths = [answer.features.length, ...answer.rows.map((row) => row.length)];
        assert.deepEqual(widths, Array(3).fill(width(answer.version)), JSON.stringify(answer));
      }
    };
    await Promise.all([applies, client(), client()]);
    assert.deepEqual([...versions].toSorted(), [1, 2, 3, 4, 5]);
  });

  it('metrics name operations, never paths', async () => {
    await fetch(`${server.url}/v1/feature-views/secret-name`);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(text, /plumb_http_request_duration_seconds_count\{operation="getFeatureView",status="404"\} \d/);
    assert.match(text, /plumb_http_request_duration_seconds_count\{operation="getOnlineFeatures",status="200"\} \d/);
    assert.match(text, /plumb_http_request_duration_seconds_count\{operation="unrouted",status="405"\} \d/);
    assert.match(text, /plumb_lookup_entities_bucket\{le="1"\} \d/);
    assert.match(text, /process_resident_memory_bytes \d/);
    assert.doesNotMatch(text, /secret-name/);
  });

  it('ends with 0, and has logged no defect', async () => {
    const { code, err } = await server.stop();
    assert.equal(code, 0);
    assert.doesNotMatch(err, /internal error/);
  });
});
