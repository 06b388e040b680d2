// A collection that dies anywhere is finished by the next one, and ends where one that never died ends.
import assert from 'node:assert/strict';
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import { decodeServingState, encodeServingState } from '../../src/online/serving-state-codec.ts';
import { leaseBytes } from '../../src/storage/leases/lease-object.ts';
import { LABELS, SHOP, UNTIL } from '../e2e/shop.ts';
import { type Ended, mustRun, plumb } from './plumb-process.ts';
import { checkManifests, filesUnder } from './project-state.ts';

const DAYS = 10;
const AGE_MILLIS = DAYS * 86_400_000;
const PROJECT = `project: shop
online: { kind: lmdb }
engine: { kind: duckdb, threads: 1 }
retention: { snapshots: { keep: 1, maxAge: 2d }, datasets: { keep: 1 }, jobs: { maxAge: 2d } }
`;
const GHOST = 'ghost';

const made: string[] = [];
after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-gc-crash-'));
  made.push(folder);
  return folder;
}

/** Something of everything that a collection removes, all of it ten days old. */
async function agedProject(): Promise<string> {
  const folder = await tempFolder();
  for (const [name, content] of Object.entries({ ...SHOP, 'plumb.yaml': PROJECT, 'labels.csv': LABELS })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await mustRun(folder, ['apply']);
  for (const mode of [[], ['--full'], ['--full'], ['--from-snapshot']])
    await mustRun(folder, ['materialize', '--until', UNTIL, ...mode]);
  for (let version = 0; version < 2; version += 1)
    await mustRun(folder, ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train']);
  const leftovers = [
    `views/${GHOST}/00000001/started.json`,
    `views/${GHOST}/00000001/part-00000.parquet`,
    'views/profile/00000009/started.json',
    'views/profile/00000009/part-00000.parquet',
    'datasets/train/00000003/part-dead.parquet',
    'jobs/servers/dead.json',
    'leases/dataset.dead/00000001.json',
    'work/put-00000000-0000-4000-8000-000000000000',
  ];
  for (const key of leftovers) {
    await mkdir(dirname(join(folder, '.plumb', key)), { recursive: true });
    await writeFile(join(folder, '.plumb', key), key.startsWith('leases/') ? deadLease() : '{}');
  }
  await ageOnline(folder);
  await ageFiles(join(folder, '.plumb'));
  return folder;
}

/** Of a machine that nobody can ask. */
function deadLease(): Uint8Array {
  const then = new Date(Date.now() - AGE_MILLIS).toISOString();
  return leaseBytes({
    owner: { host: 'elsewhere', pid: 7, machine: 'another boot', startTicks: '1' },
    purpose: 'building the dataset dead',
    acquiredAt: then,
    renewedAt: then,
    termMillis: 30_000,
    renewals: 4,
    released: false,
  });
}

/** As if the states had been written then; and a view that is registered no more. */
async function ageOnline(folder: string): Promise<void> {
  await using online = await LmdbOnlineStore.open(join(folder, '.plumb/online'), 'shop');
  const ago = BigInt(AGE_MILLIS) * 1000n;
  for (const [view, bytes] of await online.listStates()) {
    const state = decodeServingState(bytes);
    const { live } = state;
    if (live?.retention == null) throw new Error(`${view} is not live`);
    const { clockLeadMicros, filledAtMicros, ...rest } = live.retention;
    const retention = { ...rest, clockLeadMicros: clockLeadMicros - ago, filledAtMicros: filledAtMicros - ago };
    await online.writeState(view, bytes, encodeServingState({ ...state, live: { ...live, retention } }));
  }
  await online.writeRows(`${GHOST}@0-0`, 1n, [{ entity: Buffer.from('a'), row: Buffer.from('x') }]);
  await online.writeState(GHOST, null, encodeServingState({ live: null, token: 1n, rebuildCount: 0 }));
}

async function ageFiles(folder: string): Promise<void> {
  const then = new Date(Date.now() - AGE_MILLIS);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
  for (const key of (await readdir(join(folder, 'registry'))).map((name) => join(folder, 'registry', name))) {
    const document = JSON.parse(await readFile(key, 'utf8')) as object;
    await writeFile(key, `${JSON.stringify({ ...document, appliedAt: then.toISOString() }, null, 1)}\n`);
  }
}

async function copyOf(folder: string): Promise<string> {
  const copy = await tempFolder();
  await cp(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

/** All that a collection may change, but the tokens of leases. */
async function stateOf(folder: string) {
  await using online = await LmdbOnlineStore.open(join(folder, '.plumb/online'), 'shop');
  const files: string[] = [];
  for (const key of await filesUnder(join(folder, '.plumb')))
    if (!/^(leases\/(gc|view\.)|online\/)/.test(key) && !(await isEnd(folder, key))) files.push(key);
  const fields = [...(await online.listFields())].toSorted();
  const records: string[] = [];
  await online.sweep(
    (field) => (record) => records.push(`${field} ${record.token} ${record.row?.length}`) < 0,
    null,
    1000,
    true,
  );
  return { files: files.toSorted(), fields, records, states: [...(await online.listStates()).keys()] };
}

/** A collection that was cut off behind the manifest of a dataset ends the folder as that of a build that died. */
const isEnd = async (folder: string, key: string): Promise<boolean> =>
  /^datasets\/.*manifest/.test(key) && /"abandoned"/.test(await readFile(join(folder, '.plumb', key), 'utf8'));

const answersOf = async (folder: string): Promise<unknown> => {
  const entities = ['--entity', '{"user_id":1}', '{"user_id":2}'];
  const { out } = await mustRun(folder, ['get', '--service', 'ranking', ...entities, '--at', UNTIL, '--json']);
  return JSON.parse(out);
};

async function failpointsOfGc(): Promise<readonly string[]> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const names = new Set<string>();
  for await (const file of glob('src/retention/*.ts', { cwd: root }))
    for (const [, name] of (await readFile(join(root, file), 'utf8')).matchAll(/\bfailpoint\('([^']+)'\)/g))
      names.add(name as string);
  return [...names].toSorted();
}

describe('crashes of a collection', { concurrency: 2 }, async () => {
  const before = await agedProject();
  const whole = await copyOf(before);
  const log = join(await tempFolder(), 'log');
  const env = { PLUMB_FAILPOINT_LOG: log };
  // The first is bounded, so that both ways to end are met.
  const bounded = JSON.parse((await mustRun(whole, ['gc', '--limit', '3', '--json'], { env })).out);
  await mustRun(whole, ['gc'], { env });
  const expected = await stateOf(whole);
  const answers = await answersOf(whole);
  const reached = [...new Set((await readFile(log, 'utf8')).trim().split('\n'))].filter((name) =>
    name.startsWith('gc.'),
  );

  test('it removed something of everything', async () => {
    assert.equal(bounded.complete, false);
    assert.deepEqual(reached.toSorted(), await failpointsOfGc());
    const text = expected.files.join('\n');
    assert.doesNotMatch(text, /part-dead|servers\/dead|dataset\.dead|work\/put|ghost\/00000001\/(?!manifest)/);
    assert.deepEqual(expected.states.toSorted(), ['profile', 'spending']);
    assert.equal(expected.fields.length, 2);
    const snapshots = expected.files.filter((key) => /^views\/(profile|spending)\/.*part-/.test(key));
    assert.deepEqual(snapshots, [
      'views/profile/00000003/part-00000.parquet',
      'views/spending/00000003/part-00000.parquet',
    ]);
    // Rows of windows that ended long ago are gone, those without a ttl are not.
    assert.ok(expected.records.length > 0 && expected.records.every((record) => record.startsWith('profile@')));
  });

  for (const failpoint of reached) {
    test(`killed at ${failpoint}, then run again`, async () => {
      const folder = await copyOf(before);
      const killed: Ended[] = [];
      for (const args of [['gc', '--limit', '3'], ['gc']]) {
        killed.push(await plumb(folder, args, { env: { PLUMB_FAILPOINT: failpoint } }));
        if (killed.at(-1)?.signal === 'SIGKILL') break;
      }
      assert.equal(killed.at(-1)?.signal, 'SIGKILL');
      await checkManifests(folder);
      await mustRun(folder, ['gc']);
      // What the cursor was behind of is looked at by the one after that.
      await mustRun(folder, ['gc']);
      await checkManifests(folder);
      assert.deepEqual(await stateOf(folder), expected);
      assert.deepEqual(await answersOf(folder), answers);
    });
  }

  test('what is left makes the same store again', async () => {
    const folder = await copyOf(whole);
    await rm(join(folder, '.plumb/online'), { recursive: true });
    await mustRun(folder, ['materialize', '--from-snapshot']);
    const rebuilt = (await answersOf(folder)) as { readonly rows: readonly (readonly unknown[])[] };
    const online = answers as typeof rebuilt;
    assert.deepEqual(
      rebuilt.rows.map((row) => row.slice(0, 2)),
      online.rows.map((row) => row.slice(0, 2)),
    );
  });
});
