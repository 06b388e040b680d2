import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { until } from '../../test/waiting.ts';
import { Webhook } from './webhook.ts';

/** A server that answers each request with the next status; redirects lead to `/elsewhere`. */
async function receiver(statuses: number[]) {
  const got: { readonly path: string; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    got.push({ path: request.url ?? '', body: await text(request) });
    response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const { port } = server.address() as { readonly port: number };
  return { url: `http://127.0.0.1:${port}/hook?token=SECRET`, got };
}

function hook(url: string | null) {
  const logged: string[] = [];
  const logger = { error: (context: object, message: string) => void logged.push(JSON.stringify([context, message])) };
  let dropped = 0;
  const webhook = new Webhook({ url, logger, onDropped: () => void dropped++, firstRetryMillis: 1 });
  return { webhook, logged, dropped: () => dropped };
}

test('it is told as JSON, again where that fails', async () => {
  const { url, got } = await receiver([500, 503]);
  const { webhook, dropped } = hook(url);
  webhook.tell({ event: 'schedule_failed', schedule: 'nightly' });
  await until(() => got.length === 3);
  assert.equal(dropped(), 0);
  await webhook[Symbol.asyncDispose]();
  assert.deepEqual(new Set(got.map(({ body }) => body)), new Set(['{"event":"schedule_failed","schedule":"nightly"}']));
});

test('a redirect is not followed, attempts are bounded, and the log does not have the address', async () => {
  const { url, got } = await receiver([302, 307, 301, 302, 302, 302]);
  const { webhook, logged, dropped } = hook(url);
  webhook.tell({ event: 'schedule_failed' });
  await until(() => dropped() === 1);
  assert.deepEqual(
    got.map(({ path }) => path),
    Array.from({ length: 4 }, () => '/hook?token=SECRET'),
  );
  assert.match(logged.join(), /it answered 302/);
  assert.doesNotMatch(logged.join(), /SECRET|127\.0\.0\.1/);
});

test('one that is not there, many at once, and none at all', async () => {
  const gone = hook('http://127.0.0.1:1/SECRET');
  for (let i = 0; i < 30; i++) gone.webhook.tell({ i });
  await until(() => gone.dropped() === 30);
  assert.doesNotMatch(gone.logged.join(), /SECRET/);
  const none = hook(null);
  none.webhook.tell({});
  await none.webhook[Symbol.asyncDispose]();
  assert.equal(none.dropped(), 0);
});
