// The SDK as it is published: packed, installed into an empty project, and used there by plain Node, by tsc, by a bundler
// and in a real browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium } from '../servers/chromium.ts';
import { startApiServer } from './api-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SDK = join(ROOT, 'sdk', 'typescript');
const APP = await mkdtemp(join(tmpdir(), 'plumb-sdk-app-'));
after(() => rm(APP, { recursive: true, force: true }));
const server = await startApiServer();
const packed = await packAndInstall();

async function packAndInstall(): Promise<readonly string[]> {
  const out = await run('npm', ['pack', '--json', '--pack-destination', APP], SDK);
  const [pack] = JSON.parse(out.slice(out.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  await writeFile(join(APP, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', pack.filename], APP);
  return pack.files.map(({ path }) => path);
}

/** Its standard output. */
async function run(command: string, args: readonly string[], cwd = APP): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void err.push(chunk.toString()));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${out.join('')}\n${err.join('')}`);
  return out.join('');
}

const typeCheck = (...files: readonly string[]): Promise<string> =>
  run(join(ROOT, 'node_modules/.bin/tsc'), [
    ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2023'],
    ...['--module', 'nodenext', '--lib', 'es2023,dom,dom.iterable,dom.asynciterable', ...files],
  ]);

/** The machine's own Node, whatever its version, beside the project's. */
const NODES = [process.execPath, ...machineNode()];

function machineNode(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.length === 0 ? [] : [`env:${folders.join(delimiter)}`];
}

const USE = `
import { PlumbApiError, PlumbClient } from '@plumb/sdk';
const plumb = new PlumbClient({ url: process.argv[2] });
const key = 9007199254740995n;
const answer = await plumb.lookup({ service: 'ranking', entities: [{ user_id: 1 }, { user_id: key }], at: '2026-01-08T00:00:00Z' });
const labels = [{ user_id: key, event_timestamp: '2026-01-08T00:00:00.000001Z' }];
const snapshot = await (await plumb.datasets.create({ service: 'ranking', name: 'packed', labels })).wait();
const rows = [];
for await (const row of snapshot.rows()) rows.push(row);
let batches = 0;
for await (const batch of snapshot.batches()) batches += batch.numRows;
const table = await snapshot.table();
const failure = await plumb.lookup({ service: 'x', entities: [] }).catch((error) => error);
const say = (_name, value) => (typeof value === 'bigint' ? value + 'n' : value);
console.log(JSON.stringify({ served: answer.rows, rows, batches, table: table.numRows, failure: failure instanceof PlumbApiError && failure.code }, say));
`;

const USED = {
  served: [
    ['US', '9007199254740993n', 2, 3.5],
    ['JP', -1, 0, null],
  ],
  rows: [
    {
      user_id: '9007199254740995n',
      event_timestamp: '2026-01-08T00:00:00.000001Z',
      profile__country: 'JP',
      profile__points: -1,
      spending__clicks_1d: 0,
      spending__spend_1d: null,
    },
  ],
  batches: 1,
  table: 1,
  failure: 'UNKNOWN_NAME',
};

test('the package holds compiled JavaScript and types, nothing else', () => {
  const others = packed.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path));
  assert.deepEqual(others.toSorted(), ['LICENSE', 'README.md', 'package.json']);
  assert.ok(
    packed.includes('dist/sdk/typescript/src/index.js') && packed.includes('dist/sdk/typescript/src/index.d.ts'),
  );
  assert.ok(!packed.some((path) => path.includes('.test.')));
});

for (const node of NODES) {
  test(`plain JavaScript in ${node === process.execPath ? "the project's Node" : "the machine's Node"}`, async (context) => {
    await writeFile(join(APP, 'use.js'), USE);
    const [command, ...args] = node.startsWith('env:') ? ['env', `PATH=${node.slice(4)}`, 'node'] : [node];
    context.diagnostic((await run(command ?? '', [...args, '--version'])).trim());
    assert.deepEqual(JSON.parse(await run(command ?? '', [...args, 'use.js', server.url])), USED);
  });
}

test('lookups load neither apache-arrow nor parquet-wasm', async () => {
  const use = `import { PlumbClient } from '@plumb/sdk';
const answer = await new PlumbClient({ url: process.argv[2] }).lookup({ service: 'ranking', entities: [{ user_id: 2 }] });
console.log(JSON.stringify(answer.objects()[0].profile__country));`;
  // Outside of the project, whose packages would be found.
  const apart = await mkdtemp(join(tmpdir(), 'plumb-sdk-alone-'));
  try {
    await mkdir(join(apart, 'node_modules'));
    await run('cp', ['-r', join(APP, 'node_modules', '@plumb'), join(apart, 'node_modules')]);
    await writeFile(join(apart, 'use.mjs'), use);
    assert.equal((await run(process.execPath, ['use.mjs', server.url], apart)).trim(), '"DE"');
  } finally {
    await rm(apart, { recursive: true, force: true });
  }
});

test('types are checked as strictly as can be, those of the libraries too', async () => {
  await writeFile(
    join(APP, 'types.ts'),
    `import { type FeatureValue, type Labels, PlumbApiError, PlumbClient, type Snapshot, type Status } from '@plumb/sdk';
import { type RecordBatch, type Table, tableFromArrays } from 'apache-arrow';
interface User { readonly profile__country: string | null }
export async function use(signal: AbortSignal): Promise<void> {
  const plumb = new PlumbClient({ url: new URL('http://x'), headers: async () => ({ a: 'b' }), retries: 1, fetch });
  const answer = await plumb.lookup<User>({ service: 's', entities: [{ id: 1n }], statuses: true }, { signal, timeoutMillis: 5 });
  const country: string | null | undefined = answer.objects()[0]?.profile__country;
  const statuses: readonly (readonly Status[])[] | undefined = answer.statuses;
  const value: FeatureValue | undefined = answer.rows[0]?.[0];
  // @ts-expect-error a service or features, not both
  await plumb.lookup({ service: 's', features: ['a:b'], entities: [] });
  const labels: Labels = tableFromArrays({ id: [1] });
  const snapshot: Snapshot = await (await plumb.datasets.create({ service: 's', labels })).wait({ signal, cancelOnAbort: true });
  const table: Table = await snapshot.table({ columns: ['id'] });
  for await (const batch of snapshot.batches()) { const one: RecordBatch = batch; console.log(one.numRows); }
  for await (const user of snapshot.rows<User>()) { const text: string | null = user.profile__country; console.log(text); }
  const ready = await plumb.ready();
  if (!ready.ready) { const { code, retryAfterMillis }: PlumbApiError = ready.reason; console.log(code, retryAfterMillis); }
  const names: string[] = (await plumb.registry.entities().all()).map(({ name }) => name);
  console.log(country, statuses, value, table.numRows, names);
}
`,
  );
  await typeCheck('types.ts');
});

test('the code of the README runs, and its types are right', async () => {
  const readme = await readFile(join(SDK, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/(<!-- not run -->\n)?```ts\n(.*?)```/gs)].filter(
    ([, notRun]) => notRun === undefined,
  );
  assert.ok(blocks.length >= 6, 'the blocks were found');
  const code = blocks.map(([, , block]) => block).join('\n');
  await writeFile(join(APP, 'readme.ts'), code.replaceAll('http://127.0.0.1:6567', server.url));
  await typeCheck('readme.ts');
  const out = await run(process.execPath, ['readme.ts']);
  assert.match(out, /^US \[ 'PRESENT', 'PRESENT', 'PRESENT', 'PRESENT' \]$/m);
  assert.match(out, /^JP /m);
  assert.match(out, /^2 9007199254740993n$/m);
  assert.match(out, /^UNKNOWN_NAME 404 \{\} false$/m);
});

test('the example runs: what was trained on is served', async () => {
  await copyFile(join(ROOT, 'examples', 'sdk', 'train-and-serve.ts'), join(APP, 'train-and-serve.ts'));
  const out = await run(process.execPath, ['train-and-serve.ts', 'ranking', server.url]);
  assert.match(out, /^sdk_example, version 1: 3 rows$/m);
  assert.match(out, /^12 of 12 values are equal$/m);
});

const PAGE_SCRIPT = `
import { PlumbApiError, PlumbClient } from '@plumb/sdk';
async function use(url, parquetWasm) {
  const plumb = new PlumbClient({ url, parquetWasm });
  const answer = await plumb.lookup({ service: 'ranking', entities: [{ user_id: 1 }, { user_id: 9007199254740995n }], at: '2026-01-08T00:00:00Z' });
  const loadedForLookups = performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\\.(js|wasm)$/.test(name));
  const labels = [{ user_id: 9007199254740995n, event_timestamp: '2026-01-08T00:00:00.000001Z' }];
  const snapshot = await (await plumb.datasets.create({ service: 'ranking', name: 'browser', labels })).wait();
  const rows = [];
  for await (const row of snapshot.rows()) rows.push(row);
  let batches = 0;
  for await (const batch of snapshot.batches()) batches += batch.numRows;
  const table = await snapshot.table();
  const failure = await plumb.lookup({ service: 'x', entities: [] }).catch((error) => error);
  const say = (_name, value) => (typeof value === 'bigint' ? value + 'n' : value);
  const used = { served: answer.rows, rows, batches, table: table.numRows, failure: failure instanceof PlumbApiError && failure.code };
  return { used: JSON.stringify(used, say), loadedForLookups };
}
globalThis.use = use;
`;

test('bundled for a page: lookups are small, and all of it works in Chromium, from another origin', async (context) => {
  const site = join(APP, 'site');
  await writeFile(join(APP, 'page.js'), PAGE_SCRIPT);
  const { metafile } = await build({
    ...{ absWorkingDir: APP, entryPoints: ['page.js'], outdir: 'site', metafile: true },
    ...{ bundle: true, splitting: true, format: 'esm', minify: true, platform: 'browser', logLevel: 'silent' },
  });
  const first = firstLoad(metafile);
  context.diagnostic(`loaded for lookups: ${first.bytes} bytes`);
  assert.ok(first.bytes < 25_000, `${first.bytes} bytes`);
  assert.ok(!first.inputs.some((input) => /apache-arrow|parquet-wasm/.test(input)), first.inputs.join(' '));
  await copyFile(join(APP, 'node_modules/parquet-wasm/esm/parquet_wasm_bg.wasm'), join(site, 'parquet_wasm_bg.wasm'));
  await writeFile(join(site, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
  const origin = await serveFolder(site);
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => void problems.push(String(error)));
    await page.goto(`${origin}/index.html`);
    await page.waitForFunction('typeof globalThis.use === "function"');
    const call = `use(${JSON.stringify(server.url)}, '/parquet_wasm_bg.wasm')`;
    const { used, loadedForLookups } = (await page.evaluate(call)) as { used: string; loadedForLookups: string[] };
    assert.deepEqual(JSON.parse(used), USED);
    assert.equal(loadedForLookups.filter((name) => name.endsWith('.wasm')).length, 0);
    assert.deepEqual(problems, []);
    context.diagnostic(`Chromium ${browser.version()}`);
  } finally {
    await browser.close();
  }
});

/** What a page loads before anything is imported on demand. */
function firstLoad({ outputs }: Metafile): { readonly bytes: number; readonly inputs: readonly string[] } {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === 'import-statement') visit(next);
  };
  visit('site/page.js');
  const chunks = [...seen].map((path) => outputs[path]);
  return {
    bytes: chunks.reduce((sum, chunk) => sum + (chunk?.bytes ?? 0), 0),
    inputs: chunks.flatMap((chunk) => Object.keys(chunk?.inputs ?? {})),
  };
}

const MEDIA: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

async function serveFolder(folder: string): Promise<string> {
  const site = createServer((request, response) => {
    const path = join(folder, (request.url ?? '').slice(1));
    assert.equal(dirname(path), folder);
    readFile(path).then(
      (bytes) => response.writeHead(200, { 'content-type': MEDIA[extname(path)] ?? '' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => site.once('listening', resolve));
  after(() => {
    site.closeAllConnections();
    site.close();
  });
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}
