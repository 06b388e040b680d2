// Redis away, frozen, restarted, refusing, full, forgetful: what each call says, and that it goes on by itself afterwards.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplyError } from 'ioredis';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import { type OnlineStore, UNREACHABLE } from '../../../src/online/online-store.ts';
import { redisAddress } from '../../../src/online/redis/redis-address.ts';
import { redisFailure } from '../../../src/online/redis/redis-failure.ts';
import { rowsOf, stateOf, textOf } from '../../contract/online-store/reading.ts';
import { redisStore, redisStoreAt } from '../../contract/online-store/redis-store.ts';
import { RedisServer, type RedisServerOptions } from '../../servers/redis.ts';
import { eventually, until } from '../../waiting.ts';

const FIELD = 'v@1';
const entity = Buffer.from('a');
const rows = (count: number, row: string) =>
  Array.from({ length: count }, (_value, index) => ({ entity: Buffer.from(`k${index}`), row: Buffer.from(row) }));

const fails = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PlumbError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(`${JSON.stringify(error)} ${error.stack}`, /s3cret|hunter/);
  return true;
};

async function newServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  after(() => server[Symbol.asyncDispose]());
  return server;
}

const millisOf = async (call: Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await call.catch(() => undefined);
  return performance.now() - start;
};

/** A pino logger as far as a store needs one. */
function recordingLogger() {
  const lines: string[] = [];
  const log = (context: object, message: string): void => void lines.push(`${JSON.stringify(context)} ${message}`);
  return { lines, logger: { info: log, warn: log } };
}

test('absent at first: every call says so at once, and the same store answers when Redis comes', async () => {
  const server = await RedisServer.stopped();
  after(() => server[Symbol.asyncDispose]());
  const { lines, logger } = recordingLogger();
  await using store = redisStore(server.url, { logger });
  const away = fails(
    'STORE_UNAVAILABLE',
    new RegExp(`Redis at 127.0.0.1:${server.port}, does not answer: .*ECONNREFUSED`),
  );
  await assert.rejects(store.ping(), away);
  for (let tries = 0; tries < 100; tries += 1) await assert.rejects(rowsOf(store, [entity], [FIELD]), away);
  await server.start();
  await eventually(() => store.ping());
  assert.equal(lines.length, 2, 'each change is logged once');
  assert.match(lines[1] ?? '', /answers again/);
});

test('a first call waits for the first connection, and no longer than the connect timeout', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  const [ping, state] = await Promise.allSettled([store.ping(), stateOf(store, 'v')]);
  assert.deepEqual([ping.status, state.status], ['fulfilled', 'fulfilled']);
  server.freeze();
  await using late = redisStore(server.url, { connectTimeoutMillis: 200 });
  await assert.rejects(late.ping(), fails('STORE_UNAVAILABLE', /no connection within 200 ms/));
  server.unfreeze();
  await eventually(() => late.ping());
});

test('frozen: calls fail within the timeout, then at once; nothing piles up; it goes on afterwards', async () => {
  const server = await newServer();
  await using store = redisStore(server.url, { commandTimeoutMillis: 2_000, maxPendingCommands: 100 });
  await store.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('row') }]);
  server.freeze();
  const calls = await Promise.allSettled(Array.from({ length: 1000 }, () => rowsOf(store, [entity], [FIELD])));
  const reasons = calls.map((call) => (call.status === 'rejected' ? String(call.reason) : 'answered'));
  const count = (message: RegExp): number => reasons.filter((reason) => message.test(reason)).length;
  assert.equal(count(/is busy: 100 commands/), 900);
  assert.equal(count(/does not answer: (no answer within 2000 ms|Socket timeout)/), 100, reasons[0]);
  await assert.rejects(rowsOf(store, [entity], [FIELD]), fails('STORE_UNAVAILABLE', /does not answer|is busy/));
  assert.ok((await millisOf(store.ping())) < 1_000, 'it waits for no timeout');
  server.unfreeze();
  await eventually(async () => assert.equal(textOf((await rowsOf(store, [entity], [FIELD]))[0]?.[0]), 'row'));
});

test('more than may be in flight is refused as busy', async () => {
  const server = await newServer();
  await using store = redisStore(server.url, { maxPendingCommands: 3 });
  await store.ping();
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => store.ping()));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 2);
  for (const { reason } of refused) fails('STORE_UNAVAILABLE', /is busy: 3 commands .*maxPendingCommands/)(reason);
  // A read or write of more than that goes in steps: refused by itself, it would pause again and again.
  const wholeMillis = await millisOf(store.writeRows(FIELD, 1n, rows(10_000, 'y')));
  for (const maxPendingCommands of [1, 2, 3, 4, 5]) {
    await using small = redisStore(server.url, { maxPendingCommands });
    const start = performance.now();
    assert.deepEqual(await small.writeRows(FIELD, 1n, rows(10_000, 'y')), { written: 10_000 });
    const took = performance.now() - start;
    assert.ok(took < 4 * wholeMillis + 1_500, `with ${maxPendingCommands}: ${took} ms, expected about ${wholeMillis}`);
  }
  assert.deepEqual(await store.writeRows(FIELD, 1n, rows(2_000, 'x')), { written: 2_000 });
  const keys = rows(50, '').map((write) => write.entity);
  assert.equal((await rowsOf(store, keys, [FIELD])).flat().filter(Boolean).length, 50);
});

test('killed under reads: they fail at once, then answer again, without another store', async () => {
  const server = await newServer({ persistent: true });
  await using store = redisStore(server.url);
  await store.writeRows(FIELD, 1n, rows(100, 'row'));
  const keys = rows(100, '').map((write) => write.entity);
  let isReading = true;
  const tally = { answered: 0, refused: 0 };
  const read = async (): Promise<void> => {
    while (isReading) {
      try {
        for (const [row] of await rowsOf(store, keys, [FIELD])) assert.equal(textOf(row), 'row');
        tally.answered += 1;
      } catch (error) {
        fails('STORE_UNAVAILABLE', /does not answer/)(error);
        tally.refused += 1;
        await sleep(5);
      }
    }
  };
  const readers = [read(), read(), read()];
  await until(() => tally.answered > 0);
  await server.kill();
  await until(() => tally.refused > 0);
  const refused = tally.answered;
  await server.start();
  await eventually(async () => assert.ok(tally.answered > refused));
  isReading = false;
  await Promise.all(readers);
});

test('a write rides out a cut connection and a flushed script cache', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  await store.writeRows(FIELD, 1n, rows(10, 'first'));
  const disturb = async (): Promise<void> => {
    for (let times = 0; times < 4; times += 1) {
      await sleep(20);
      await server.command('SCRIPT FLUSH');
      await server.command('CLIENT KILL TYPE normal SKIPME yes');
    }
  };
  const [{ written }] = await Promise.all([store.writeRows(FIELD, 2n, rows(60_000, 'second')), disturb()]);
  assert.equal(written, 60_000);
  await server.command('SCRIPT FLUSH');
  assert.equal(await store.writeState('v', null, Buffer.from('state')), true);
  const [[last] = []] = await rowsOf(store, [Buffer.from('k59999')], [FIELD]);
  assert.equal(textOf(last), 'second');
});

test('a compare-and-set whose answer was lost is told as what it was', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  assert.equal(await store.writeState('v', null, Buffer.from('0')), true);
  for (let count = 1; count <= 30; count += 1) {
    const before = Buffer.from(`${count - 1}`);
    const cut = count % 3 === 0 ? server.command('CLIENT KILL TYPE normal SKIPME yes') : Promise.resolve('');
    const [isWritten] = await Promise.all([store.writeState('v', before, Buffer.from(`${count}`)), cut]);
    assert.equal(isWritten, true, `write ${count}`);
  }
  assert.equal(textOf(await eventualState(store)), '30');
  for (let count = 0; count < 10; count += 1) {
    const state = Buffer.from(`${count}`);
    await store.writeState('gone', null, state);
    const cut = server.command('CLIENT KILL TYPE normal SKIPME yes');
    assert.deepEqual(await Promise.all([store.removeState('gone', state), cut.then(() => true)]), [true, true]);
  }
});

for (const persistent of [true, false]) {
  test(`restarted ${persistent ? 'with its data' : 'empty'} in the middle of a run: the run cannot go live, the next one can`, async () => {
    const server = await newServer({ persistent });
    await using store = redisStore(server.url);
    await store.writeState('v', null, Buffer.from('claim'));
    await store.writeRows(FIELD, 1n, rows(10, 'row'));
    await server.kill();
    await server.start();
    const lost = fails('STORE_UNAVAILABLE', /restarted while rows of v were written, and may have lost some/);
    await assert.rejects(store.writeRows(FIELD, 1n, rows(20, 'row')), lost);
    const claim = await eventualState(store);
    assert.equal(textOf(claim), persistent ? 'claim' : null);
    assert.deepEqual(await store.writeRows(FIELD, 2n, rows(20, 'row')), { written: 20 });
    assert.equal(await store.writeState('v', claim, Buffer.from('live')), true);
  });

  test(`restarted ${persistent ? 'with its data' : 'empty'} just before a run goes live: it does not`, async () => {
    const server = await newServer({ persistent });
    await using store = redisStore(server.url);
    await store.writeState('v', null, Buffer.from('claim'));
    await store.writeRows(FIELD, 1n, rows(10, 'row'));
    await server.kill();
    await server.start();
    const write = store.writeState('v', Buffer.from('claim'), Buffer.from('live'));
    await assert.rejects(write, fails('STORE_UNAVAILABLE', /restarted while rows of v were written/));
    assert.notEqual(textOf(await eventualState(store)), 'live');
  });
}

test('regression: restarted without a claim between the claim and its first row: the run ends', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  await store.writeState('v', null, Buffer.from('live'));
  await server.command('SAVE');
  await store.writeState('v', Buffer.from('live'), Buffer.from('claim'));
  await server.kill();
  await server.start();
  assert.equal(textOf(await eventualState(store)), 'live', 'the claim is lost');
  const lost = fails('STORE_UNAVAILABLE', /restarted while rows of v were written, and may have lost some/);
  await assert.rejects(store.writeRows(FIELD, 1n, rows(10, 'row')), lost);
  assert.deepEqual(await store.listFields(), []);
  assert.equal(await store.writeState('v', Buffer.from('live'), Buffer.from('claim 2')), true);
  assert.deepEqual(await store.writeRows(FIELD, 2n, rows(10, 'row')), { written: 10 });
});

test('restarted between two runs: the next run claims and writes', async () => {
  const server = await newServer({ persistent: true });
  await using store = redisStore(server.url);
  await store.writeRows(FIELD, 1n, rows(10, 'row'));
  await store.writeState('v', null, Buffer.from('live'));
  await server.kill();
  await server.start();
  await eventually(() => store.ping());
  assert.equal(await store.writeState('v', Buffer.from('live'), Buffer.from('claim')), true);
  assert.deepEqual(await store.writeRows(FIELD, 2n, rows(10, 'row')), { written: 10 });
});

async function eventualState(store: OnlineStore): Promise<Uint8Array | null> {
  await eventually(() => store.ping());
  return stateOf(store, 'v');
}

test('emptied while it runs: rows and states are gone, not wrong, and can be written again', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  await store.writeState('v', null, Buffer.from('one'));
  await store.writeRows(FIELD, 7n, rows(10, 'row'));
  assert.equal(textOf(await stateOf(store, 'v')), 'one');
  await server.command('FLUSHALL');
  assert.equal(await stateOf(store, 'v'), null);
  assert.equal((await rowsOf(store, [Buffer.from('k1')], [FIELD]))[0]?.[0], null);
  assert.equal((await store.listStates()).size, 0);
  assert.equal(await store.writeState('v', null, Buffer.from('one')), true);
  assert.deepEqual(await store.writeRows(FIELD, 1n, rows(10, 'again')), { written: 10 });
  assert.deepEqual(await store.listFields(), [FIELD]);
});

test('a password: right, wrong, none; it shows nowhere', async () => {
  const server = await newServer({ password: 's3cret' });
  const url = (credentials: string): string => server.url.replace('//', `//${credentials}@`);
  await using right = redisStore(url(':s3cret'));
  await right.ping();
  for (const credentials of [':hunter2', 'hunter:s3cret', 'hunter:hunter2']) {
    const { lines, logger } = recordingLogger();
    await using wrong = redisStore(url(credentials), { logger });
    for (const call of [wrong.ping(), rowsOf(wrong, [entity], [FIELD]), wrong.examine()])
      await assert.rejects(
        call,
        fails('INVALID_CONFIG', /refuses us \(WRONGPASS.*check user and password in online.url/),
      );
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines.join('\n'), /s3cret|hunter/);
  }
  await using none = redisStore(server.url);
  await assert.rejects(none.ping(), fails('INVALID_CONFIG', /refuses us \(NOAUTH/));
  await using later = redisStore(url('hunter:hunter2'));
  await assert.rejects(later.ping(), fails('INVALID_CONFIG', /WRONGPASS/));
  await server.command('ACL SETUSER hunter on >hunter2 ~* &* +@all');
  await eventually(() => later.ping());
});

test('regression: a short password or name is neither told nor starred out of the words around it', async () => {
  const server = await newServer();
  await server.command('ACL SETUSER bob on >e ~* +hmget +hget +ping');
  const url = (credentials: string): string => server.url.replace('//', `//${credentials}@`);
  await using bob = redisStore(url('bob:e'));
  const noWrite = await bob.writeRows(FIELD, 1n, rows(1, 'x')).catch(String);
  assert.doesNotMatch(String(noWrite), /bob/);
  assert.match(String(noWrite), /refuses us \(NOPERM .*permissions to run the 'hsetnx' command\)/);
  await using wrong = redisStore(url('bob:s'));
  await assert.rejects(wrong.ping(), /refuses us \(WRONGPASS invalid username-password pair or user is disabled\)/);
  // Redis 7.2 tells the name.
  const named = new ReplyError("NOPERM User bob has no permissions to run the 'hsetnx' command");
  const { message } = redisFailure(named, redisAddress('redis://bob:e@h'));
  assert.match(message, /\(NOPERM no permissions to run the 'hsetnx' command\)/);
});

test('regression: a Redis that knows no AUTH repeats its arguments, and we do not', async () => {
  const server = await newServer({ extra: ['--rename-command', 'AUTH', ''] });
  for (const credentials of ['bob:e7', 'hunter:s3cret']) {
    const { lines, logger } = recordingLogger();
    await using store = redisStore(server.url.replace('//', `//${credentials}@`), { logger });
    const error = await store.ping().catch((reason: unknown) => reason);
    fails('INVALID_CONFIG', /refuses: ERR unknown command 'auth'; online\.url must name a Redis 6\.2 or newer/)(error);
    assert.doesNotMatch(`${String(error)} ${lines.join()}`, /bob|e7|s3cret|hunter/);
  }
});

test('regression: what Redis refuses is told as refused, with advice, and as passing only where it may pass', async () => {
  const server = await newServer({ extra: ['--rename-command', 'EVALSHA', ''] });
  await using store = redisStore(server.url);
  const write = (): Promise<unknown> => store.writeState('v', null, Buffer.from('x'));
  await assert.rejects(write(), fails('INVALID_CONFIG', /refuses: ERR unknown command 'EVALSHA'; .*scripting/));
  await server.command('REPLICAOF 127.0.0.1 1');
  const replica = /refuses: READONLY You can't write against a read only replica; .*point online\.url at the primary/;
  await assert.rejects(write(), fails('STORE_UNAVAILABLE', replica));
});

test('regression: each kind of error has its code', () => {
  const codeOf = (error: Error): string => redisFailure(error, redisAddress('redis://h')).code;
  const reply = (text: string): Error => new ReplyError(text);
  for (const word of ['LOADING', 'MASTERDOWN', 'READONLY', 'MISCONF', 'BUSY', 'TRYAGAIN'])
    assert.equal(codeOf(reply(`${word} for now`)), 'STORE_UNAVAILABLE', word);
  assert.equal(codeOf(new Error('connect ECONNREFUSED')), 'STORE_UNAVAILABLE');
  assert.equal(codeOf(reply('ERR max number of clients reached')), 'STORE_UNAVAILABLE');
  assert.equal(codeOf(reply('ERR something new')), 'INVALID_CONFIG');
  const wrapped = 'ERR Error running script (call to f_0): @user_script:14: @user_script: 14: -OOM command not allowed';
  assert.equal(codeOf(reply(wrapped)), 'RESOURCE_EXHAUSTED');
});

test('regression: a Redis that cannot save says so', async () => {
  const server = await newServer({ extra: ['--save', '3600 1', '--enable-protected-configs', 'yes'] });
  await using store = redisStore(server.url);
  await store.writeState('v', null, Buffer.from('x'));
  await server.command(`CONFIG SET dbfilename ${'x'.repeat(300)}`);
  await server.command('BGSAVE');
  try {
    await eventually(async () => assert.match(await server.command('SET a b'), /MISCONF/));
    const noDisk = fails('STORE_UNAVAILABLE', /refuses: MISCONF .*; it cannot save to its disk/);
    await assert.rejects(store.writeRows(FIELD, 1n, rows(1, 'x')), noDisk);
  } finally {
    // Asked to end, it would try to save.
    await server.kill();
  }
});

test('a user who may not write, or not say INFO', async () => {
  const server = await newServer();
  await server.command('ACL SETUSER reader on >hunter2 ~* +hmget +hget +ping +select +auth');
  await using store = redisStore(server.url.replace('//', '//reader:hunter2@'));
  await store.ping();
  assert.deepEqual(await rowsOf(store, [entity], [FIELD]), [[null]]);
  await assert.rejects(store.writeRows(FIELD, 1n, rows(1, 'x')), fails('INVALID_CONFIG', /NOPERM/));
  assert.deepEqual((await store.examine()).dangers, []);
});

test('a database that is not there is refused, not replaced by database 0', async () => {
  const server = await newServer();
  await using store = redisStore(`${server.url}/99`);
  await assert.rejects(store.ping(), fails('INVALID_CONFIG', /no such database .*check online.url/));
  await using third = redisStore(`${server.url}/3`);
  await third.writeRows(FIELD, 1n, rows(1, 'x'));
  await using first = redisStore(server.url);
  assert.deepEqual(await first.listFields(), []);
});

test('addresses that are none are refused without being shown', () => {
  for (const url of ['redis://u:hunter2%@h:1', 'redis://u:hunter2@h:1/x', 'hunter2'])
    assert.throws(() => redisStore(url), fails('INVALID_CONFIG', /^online\.url: /));
});

test('regression: a bare / ? or # in the password is refused, and no part of the password is shown', () => {
  for (const mark of ['/', '?', '#'])
    for (const start of ['12', 'ab', '']) {
      const wrong = (error: unknown): boolean => {
        fails('INVALID_CONFIG', /^online\.url: .*in user or password, \/ is written %2F/)(error);
        assert.doesNotMatch((error as Error).message, /someone|12|ab[^a]|34/);
        return true;
      };
      assert.throws(() => redisStore(`redis://someone:${start}${mark}34s3cret@host:6379`), wrong);
    }
});

test('full: RESOURCE_EXHAUSTED, what was there is served, and it goes on with more memory', async () => {
  const server = await newServer({ extra: ['--maxmemory', '4mb'] });
  await using store = redisStore(server.url);
  await store.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('row') }]);
  const large = rows(5_000, 'x'.repeat(2_000));
  await assert.rejects(store.writeRows(FIELD, 1n, large), fails('RESOURCE_EXHAUSTED', /is full \(OOM.*more memory/));
  assert.equal(textOf((await rowsOf(store, [entity], [FIELD]))[0]?.[0]), 'row');
  await server.command('CONFIG SET maxmemory 100mb');
  assert.deepEqual(await store.writeRows(FIELD, 1n, large), { written: large.length });
});

test('examine tells version and address, and a policy that drops rows', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  const { found, dangers } = await store.examine();
  assert.match(
    found,
    new RegExp(
      `^redis \\d+\\.\\d+\\.\\d+ at 127.0.0.1:${server.port} answers; hash-max-listpack-value is 64, with 1024 it would take about a fifth less memory$`,
    ),
  );
  assert.deepEqual(dangers, []);
  await server.command('CONFIG SET maxmemory-policy allkeys-lru');
  assert.match((await store.examine()).dangers[0]?.found ?? '', /allkeys-lru/);
});

test('after it was closed every call says that the store is away', async () => {
  const server = await newServer();
  const store = redisStore(server.url);
  await store.ping();
  await store[Symbol.asyncDispose]();
  const closed = fails('STORE_UNAVAILABLE', /the store was closed/);
  await assert.rejects(store.ping(), closed);
  await assert.rejects(rowsOf(store, [entity], [FIELD]), closed);
  const start = performance.now();
  await assert.rejects(store.writeRows(FIELD, 1n, rows(1, 'x')), closed);
  await assert.rejects(store.writeState('v', null, Buffer.from('x')), closed);
  assert.ok(performance.now() - start < 4_000, 'a write does not wait for a store that nobody opens again');
});

test('a server that stands still opens the circuit breaker; a new connection is probed at once and closes it', async () => {
  const server = await newServer();
  // One: the connection may be cut, which counts once, before the calls are late.
  const breaker = { failures: 1, openMillis: 600_000 };
  await using store = redisStore(server.url, { commandTimeoutMillis: 2_000, breaker });
  await store.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('row') }]);
  const [healthy] = store.health();
  assert.deepEqual([healthy?.isConnected, healthy?.breaker, healthy?.breakerOpenings], [true, 'closed', 0]);
  server.freeze();
  await Promise.allSettled([1, 2, 3, 4].map(() => rowsOf(store, [entity], [FIELD])));
  await eventually(async () => assert.equal(store.health()[0]?.breaker, 'open'));
  assert.ok((await millisOf(rowsOf(store, [entity], [FIELD]))) < 1_000, 'it fails at once');
  await eventually(async () => assert.equal(store.health()[0]?.isConnected, false, 'it is cut off'));
  server.unfreeze();
  await eventually(async () => assert.equal(store.health()[0]?.isConnected, true));
  assert.equal(store.health()[0]?.breaker, 'half_open');
  const [probe, other] = await Promise.allSettled([store.ping(), store.ping()]);
  assert.equal(probe.status, 'fulfilled');
  fails(
    'STORE_UNAVAILABLE',
    /failed again and again and is left alone for a moment/,
  )(other.status === 'rejected' && other.reason);
  assert.equal(textOf((await rowsOf(store, [entity], [FIELD]))[0]?.[0]), 'row');
  const [again] = store.health();
  assert.deepEqual([again?.isConnected, again?.breaker], [true, 'closed']);
  assert.ok((again?.breakerOpenings ?? 0) >= 1);
});

test('regression: a password that Redis does not ask for is no reason to print anything', async () => {
  const server = await newServer();
  const printed: unknown[] = [];
  const { warn } = console;
  console.warn = (...words: unknown[]) => void printed.push(words);
  try {
    await using store = redisStore(server.url.replace('//', '//:s3cret@'));
    await store.ping();
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(printed, []);
});

test('part of an answer: with the one server away, all rows of states that were seen a moment ago', async () => {
  const server = await newServer();
  await using store = redisStore(server.url);
  const selection = { entities: [entity, Buffer.from('b')], fields: [FIELD] };
  await store.writeState('v', null, Buffer.from('state'));
  await store.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('row') }]);
  const whole = await store.readPartially([selection], ['v']);
  assert.deepEqual([textOf(whole.states[0]), textOf(whole.rows[0]?.[0]?.[0])], ['state', 'row']);
  await server.kill();
  const { rows: away, states } = await store.readPartially([selection], ['v']);
  assert.equal(textOf(states[0]), 'state');
  assert.ok(away[0]?.flat().every((row) => row === UNREACHABLE) && away[0]?.length === 2);
  await assert.rejects(store.readPartially([selection], ['v', 'never seen']), fails('STORE_UNAVAILABLE', /./));
  await assert.rejects(store.read([selection], ['v']), fails('STORE_UNAVAILABLE', /./));
});

test('one server in place of a Cluster, and a Cluster in place of one server, are told apart', async () => {
  const server = await newServer();
  await using store = redisStoreAt({ urls: [server.url] });
  await assert.rejects(
    store.ping(),
    fails('INVALID_CONFIG', /no part of a Redis Cluster: name one server in online\.url/),
  );
  const far = { urls: [`${server.url}/3`] };
  assert.throws(() => redisStoreAt(far), fails('INVALID_CONFIG', /^online\.urls: found database 3, expected none/));
  const mixed = { urls: [server.url, server.url.replace('//', '//:s3cret@')] };
  assert.throws(
    () => redisStoreAt(mixed),
    fails('INVALID_CONFIG', /^online\.urls: .* differ in more than host and port/),
  );
});
