// Reading the rows of snapshots: every type, only what is needed, and parts that are not what they should be.
import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  PlumbClient,
  PlumbConnectionError,
  PlumbProtocolError,
  type Snapshot,
} from '../../sdk/typescript/src/index.ts';
import { type send, startApiServer } from './api-server.ts';
import { type PartFiles, type PartsOptions, writeParts } from './part-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'plumb-sdk-parts-'));
after(() => rm(folder, { recursive: true, force: true }));
const server = await startApiServer();
const client = new PlumbClient({ url: server.url, retries: 1 });
let sets = 0;

async function stored(options: Pick<PartsOptions, 'selects' | 'rowGroupRows'>): Promise<PartFiles> {
  sets += 1;
  return await writeParts({ folder, name: `set${sets}`, ...options });
}

async function served(files: PartFiles): Promise<Snapshot> {
  server.add(files);
  return await client.datasets.get(files.manifest.name);
}

/** `n` rows of doubles that do not compress. */
const doubles = (rows: number, columns = 4): string => {
  const items = Array.from({ length: columns }, (_, c) => `hash(i * ${columns} + ${c}) / 7.0 AS v${c}`);
  return `SELECT i AS id, ${items.join(', ')} FROM range(${rows}) r(i)`;
};

test('every type of feature, nulls, and the types that only labels have', async () => {
  const values: readonly (readonly [string, string, unknown])[] = [
    ['bool', 'true', true],
    ['int32', '-7::INT', -7],
    ['int64', '9007199254740993::BIGINT', 9_007_199_254_740_993n],
    ['small_int64', '42::BIGINT', 42],
    ['uint64', '18446744073709551615::UBIGINT', 18_446_744_073_709_551_615n],
    ['float32', '0.1::FLOAT', 0.1],
    ['float64', '0.1::DOUBLE', 0.1],
    ['string', `'Zoë 𝄞'`, 'Zoë 𝄞'],
    ['timestamp', `'2026-01-01T00:00:00.000001Z'::TIMESTAMPTZ`, '2026-01-01T00:00:00.000001Z'],
    ['before_1970', `'1969-12-31T23:59:59.999999Z'::TIMESTAMPTZ`, '1969-12-31T23:59:59.999999Z'],
    ['bytes', `'\\x01\\xFF'::BLOB`, Uint8Array.of(1, 255)],
    ['list_int64', '[1, NULL, 9007199254740993]::BIGINT[]', [1, null, 9_007_199_254_740_993n]],
    ['list_string', `['a', '']`, ['a', '']],
    ['list_timestamp', `['2026-01-01T00:00:00Z'::TIMESTAMPTZ]`, ['2026-01-01T00:00:00Z']],
    ['empty_list', '[]::DOUBLE[]', []],
    ['vector', '[0.1, 0.2]::FLOAT[2]', [0.1, 0.2]],
    ['date', `DATE '1969-12-31'`, '1969-12-31'],
    ['decimal', '(-0.05)::DECIMAL(10, 2)', '-0.05'],
    ['struct', `{ x: 1, y: ['z'] }`, { x: 1, y: ['z'] }],
    ['a "quoted".name', '1::INT', 1],
    ['__proto__', '2::INT', 2],
  ];
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const present = values.map(([name, sql]) => `${sql} AS ${quoted(name)}`).join(', ');
  const absent = values.map(([name]) => `NULL AS ${quoted(name)}`).join(', ');
  const select = `SELECT ${present} UNION ALL SELECT ${absent} UNION ALL SELECT ${present}`;
  const snapshot = await served(await stored({ selects: [select] }));
  const rows = await Array.fromAsync(snapshot.rows());
  for (const row of [rows[0], rows[2]])
    assert.deepEqual(
      Object.entries(row ?? {}),
      values.map(([name, , value]) => [name, value]),
    );
  assert.deepEqual(
    Object.entries(rows[1] ?? {}),
    values.map(([name]) => [name, null]),
  );
  for (const [name, , value] of values) {
    assert.deepEqual((await Array.fromAsync(snapshot.rows({ columns: [name] })))[0]?.[name], value, name);
  }
  assert.equal((await snapshot.table()).numRows, 3);
});

test('other forms of int64 and of timestamps', async () => {
  const select = `SELECT 42::BIGINT AS n, [1]::BIGINT[] AS l, '1969-12-31T23:59:59.999999Z'::TIMESTAMPTZ AS t`;
  const snapshot = await served(await stored({ selects: [select] }));
  const row = async (options: Parameters<Snapshot['rows']>[0]) => (await Array.fromAsync(snapshot.rows(options)))[0];
  assert.deepEqual(await row({ int64: 'bigint', timestamps: 'micros' }), { n: 42n, l: [1n], t: -1n });
  assert.deepEqual(await row({ int64: 'string', timestamps: 'date' }), { n: '42', l: ['1'], t: new Date(-1) });
});

test('parts and row groups come in their order, whole', async () => {
  const selects = [0, 1, 2].map(
    (part) => `SELECT i + ${part * 10_000} AS id, 'p${part}' AS part FROM range(10000) r(i)`,
  );
  const snapshot = await served(await stored({ selects, rowGroupRows: 2_048 }));
  const ids: unknown[] = [];
  for await (const batch of snapshot.batches({ batchRows: 1_000 })) {
    assert.ok(batch.numRows <= 1_000);
    ids.push(...(batch.getChild('id') ?? []));
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 30_000 }, (_, i) => BigInt(i)),
  );
  const table = await snapshot.table({ columns: ['part', 'id'] });
  assert.deepEqual([...(table.getChild('id') ?? [])], ids);
  assert.equal(table.getChild('part')?.get(25_000), 'p2');
});

test('a set without rows has its columns all the same', async () => {
  const snapshot = await served(await stored({ selects: [`${doubles(0)}`] }));
  assert.deepEqual(await Array.fromAsync(snapshot.batches()), []);
  assert.deepEqual(
    (await snapshot.table()).schema.fields.map(({ name }) => name),
    ['id', 'v0', 'v1', 'v2', 'v3'],
  );
  assert.deepEqual(
    (await snapshot.table({ columns: ['v1', 'id'] })).schema.fields.map(({ name }) => name),
    ['v1', 'id'],
  );
});

test('a slow loop holds one row group and has the next one come, of however large a set', async () => {
  const files = await stored({ selects: [doubles(120_000), doubles(120_000)], rowGroupRows: 8_192 });
  const snapshot = await served(files);
  const total = files.manifest.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const groupBytes = total / 30;
  // Footers are read with up to 64 KiB in front of them.
  const bound = (groups: number): number => groups * groupBytes * 1.1 + 2 * 65_536;
  const before = server.partBytes();
  let rows = 0;
  for await (const batch of snapshot.batches({ batchRows: 8_192 })) {
    rows += batch.numRows;
    await sleep(15);
    const sent = server.partBytes() - before;
    assert.ok(sent <= bound(rows / 8_192 + 1.5), `${sent} bytes were sent for ${rows} rows of ${total} bytes`);
  }
  assert.equal(rows, 240_000);
});

test('a loop that ends early reads no more', async () => {
  const files = await stored({ selects: [doubles(100_000)], rowGroupRows: 8_192 });
  const snapshot = await served(files);
  const before = server.partBytes();
  for await (const row of snapshot.rows()) {
    assert.equal(row.id, 0);
    break;
  }
  // What had been asked for ahead may still be on its way.
  await sleep(300);
  const requests = server.seen.length;
  await sleep(300);
  assert.equal(server.seen.length, requests);
  assert.ok(server.partBytes() - before < (files.manifest.parts[0]?.sizeBytes ?? 0) / 2);
});

test('only the columns that are wanted are fetched', async () => {
  const files = await stored({ selects: [doubles(50_000, 40)], rowGroupRows: 25_000 });
  const snapshot = await served(files);
  const before = server.partBytes();
  let rows = 0;
  for await (const batch of snapshot.batches({ columns: ['v39', 'v3'] })) rows += batch.numRows;
  assert.equal(rows, 50_000);
  assert.ok(server.partBytes() - before < (files.manifest.parts[0]?.sizeBytes ?? 0) / 10);
});

test('columns that there are not', async () => {
  const snapshot = await served(await stored({ selects: [doubles(1)] }));
  const read = (columns: readonly string[]): Promise<unknown> => Array.fromAsync(snapshot.batches({ columns }));
  await assert.rejects(read(['v9']), { name: 'TypeError', message: /no column "v9"; it has id, v0, v1, v2, v3/ });
  await assert.rejects(read([]), TypeError);
  await assert.rejects(read(['id', 'id']), TypeError);
  await assert.rejects(snapshot.table({ columns: ['v9'] }), TypeError);
  await assert.rejects(Array.fromAsync(snapshot.rows({ batchRows: 0 })), TypeError);
  assert.throws(() => snapshot.part(7), TypeError);
});

test('an aborted loop throws the reason, between batches and while it waits', async () => {
  const snapshot = await served(await stored({ selects: [doubles(60_000)], rowGroupRows: 8_192 }));
  const reason = new Error('enough');
  const controller = new AbortController();
  const read = async (): Promise<void> => {
    for await (const batch of snapshot.batches({ signal: controller.signal, batchRows: 1_000 })) {
      assert.ok(batch.numRows > 0);
      controller.abort(reason);
    }
  };
  await assert.rejects(read(), reason);
  const stuck = (): boolean => true;
  server.interventions.push(stuck);
  try {
    const signal = AbortSignal.timeout(50);
    await assert.rejects(Array.fromAsync(snapshot.rows({ signal })), (thrown) => thrown === signal.reason);
    const later = AbortSignal.timeout(50);
    await assert.rejects(snapshot.table({ signal: later }), (thrown) => thrown === later.reason);
  } finally {
    server.interventions.splice(server.interventions.indexOf(stuck), 1);
  }
});

test('a part that breaks off is read again, and then an error', async () => {
  const files = await stored({ selects: [doubles(60_000)], rowGroupRows: 8_192 });
  const snapshot = await served(files);
  const broken = { times: 1 };
  const breakOff = async (seen: { readonly path: string }, response: Parameters<typeof send>[0]): Promise<boolean> => {
    if (!seen.path.includes('/parts/') || broken.times === 0) return false;
    broken.times -= 1;
    response.writeHead(206, { 'content-length': 1_000 });
    response.write('abc');
    await sleep(10);
    response.destroy();
    return true;
  };
  server.interventions.push(breakOff);
  try {
    let rows = 0;
    for await (const batch of snapshot.batches()) {
      rows += batch.numRows;
      if (rows === 8_192) broken.times = 1;
    }
    assert.equal(rows, 60_000);
    broken.times = 100;
    await assert.rejects(Array.fromAsync(snapshot.batches()), PlumbConnectionError);
  } finally {
    server.interventions.splice(server.interventions.indexOf(breakOff), 1);
  }
});

test('a proxy that drops the Range header, and a part that changes in between', async () => {
  const snapshot = await served(await stored({ selects: [doubles(60_000)], rowGroupRows: 8_192 }));
  let tags = 0;
  const answers = {
    whole: (_: unknown, response: Parameters<typeof send>[0]) => void response.writeHead(200).end('abc'),
    changing: (_: unknown, response: Parameters<typeof send>[0]) => {
      tags += 1;
      const { writeHead } = response;
      response.writeHead = ((status: number, headers: object) =>
        writeHead.call(response, status, { ...headers, etag: `"${tags}"` } as never)) as never;
    },
  };
  for (const [how, message] of [
    ['whole', /found status 200, expected 206/],
    ['changing', /changed while it was read/],
  ] as const) {
    const intervene = ({ path }: { readonly path: string }, response: Parameters<typeof send>[0]): boolean => {
      if (!path.includes('/parts/')) return false;
      answers[how](path, response);
      return how === 'whole';
    };
    server.interventions.push(intervene);
    await assert.rejects(Array.fromAsync(snapshot.batches()), (thrown) => {
      assert.ok(thrown instanceof PlumbProtocolError);
      assert.match(thrown.message, message);
      return true;
    });
    server.interventions.splice(server.interventions.indexOf(intervene), 1);
  }
});

test('damaged parts: an error that names the part, never wrong rows, and the process lives', async () => {
  const files = await stored({ selects: [doubles(20_000)], rowGroupRows: 8_192 });
  const [path = ''] = files.paths;
  const original = await readFile(path);
  const good = Buffer.from(original);
  const damages: Readonly<Record<string, (bytes: Buffer) => void>> = {
    'zeros in the first pages': (bytes) => bytes.fill(0, 4, 2_000),
    'flipped bits in the data': (bytes) => {
      for (let at = 100; at < bytes.length - 10_000; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    },
    'a damaged footer': (bytes) => bytes.fill(0xff, bytes.length - 200, bytes.length - 8),
    'no magic': (bytes) => bytes.fill(0, bytes.length - 4),
    'a length beyond the file': (bytes) => bytes.writeUInt32LE(2 ** 31, bytes.length - 8),
  };
  const snapshot = await served(files);
  for (const [name, damage] of Object.entries(damages)) {
    const bytes = Buffer.from(good);
    damage(bytes);
    await writeFile(path, bytes);
    for (const read of [() => Array.fromAsync(snapshot.batches()), () => snapshot.table({ verify: false })]) {
      await assert.rejects(read(), (thrown) => {
        assert.ok(thrown instanceof PlumbProtocolError, `${name}: ${thrown}`);
        assert.match(thrown.message, /part/);
        return true;
      });
    }
    await assert.rejects(snapshot.table(), { name: 'PlumbProtocolError', message: /SHA-256/ });
    await assert.rejects(snapshot.part(0), { name: 'PlumbProtocolError', message: /SHA-256/ });
  }
  await writeFile(path, good);
  assert.equal((await snapshot.table()).numRows, 20_000);
  assert.equal((await Array.fromAsync(snapshot.rows())).length, 20_000);
});

test('a part whose rows are not those of the manifest', async () => {
  const files = await stored({ selects: [doubles(100)] });
  const other = await stored({ selects: [doubles(99)] });
  await copyFile(other.paths[0] ?? '', files.paths[0] ?? '');
  const { size } = { size: (await readFile(other.paths[0] ?? '')).byteLength };
  const missing = (files.manifest.parts[0]?.sizeBytes ?? 0) - size;
  if (missing > 0) await appendFile(files.paths[0] ?? '', Buffer.alloc(missing));
  const manifest = {
    ...files.manifest,
    parts: [{ ...files.manifest.parts[0], sizeBytes: size }],
  } as PartFiles['manifest'];
  const snapshot = await served({ ...files, manifest });
  await assert.rejects(Array.fromAsync(snapshot.rows()), {
    name: 'PlumbProtocolError',
    message: /found 99 rows, expected 100/,
  });
});

test('two loops over one snapshot at once', async () => {
  const snapshot = await served(await stored({ selects: [doubles(30_000)], rowGroupRows: 4_096 }));
  const sum = async (): Promise<number> => {
    let total = 0;
    for await (const row of snapshot.rows<{ readonly id: number }>({ columns: ['id'] })) total += row.id;
    return total;
  };
  assert.deepEqual(await Promise.all([sum(), sum()]), [449_985_000, 449_985_000]);
});
