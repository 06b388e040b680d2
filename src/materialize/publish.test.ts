// The serving state and the generations of a view, as runs without rows move them.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rowView } from '../../test/support/fake-world.ts';
import { manifestOf } from '../../test/support/run-manifests.ts';
import { writeManifest } from '../offline/manifest.ts';
import { runFolder, runFolderName } from '../offline/manifest-run.ts';
import { encoderFor } from '../online/entity-key.ts';
import { MemoryOnlineStore } from '../online/memory/memory-online-store.ts';
import { fieldName, type ServingState } from '../online/serving-state.ts';
import { encodeServingState } from '../online/serving-state-codec.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { type Publication, publish, readState } from './publish.ts';
import { pendingRun } from './recover.ts';
import { RunHistory } from './run-history.ts';
import { RunTrace } from './run-trace.ts';

const VIEW = rowView('clicks', { user: 'int64' }, [{ name: 'count', type: 'int64' }]);

const PLACED = { view: VIEW, place: 'live' } as const;

async function world() {
  const root = await mkdtemp(join(tmpdir(), 'plumb-publish-'));
  after(() => rm(root, { recursive: true, force: true }));
  const store = new FileObjectStore({ root });
  const online = new MemoryOnlineStore();
  const history = new RunHistory(store, VIEW.name);
  const trace = new RunTrace();
  const { signal } = new AbortController();
  /** No run here has parts. */
  const engine = { readParts: async function* () {} };
  const settle = async (_view: string, state: ServingState) => state;
  const catalog = { entities: new Map() };
  const ports = { catalog, online, history, trace, signal, graceMicros: 0n, engine, settle };
  /** Publishes a run that was planned on what the store says now. */
  const plan = async (token: number, generation: string): Promise<Publication> => {
    const { state } = await readState(online, VIEW.name);
    const manifest = manifestOf(VIEW.name, token, { generation, basedOn: state.live?.run ?? null });
    await writeManifest(store, runFolder(VIEW.name, runFolderName(token)), manifest);
    const claim = { basedOn: state.live, plannedToken: state.token, token: BigInt(token) };
    return { view: VIEW, place: 'live', manifest, generation, rebuildCount: 0, ...claim };
  };
  const run = async (token: number, generation: string) => publish(ports, await plan(token, generation), () => {});
  const fill = (generation: string, token: number) =>
    online.writeRows(fieldName(VIEW.name, generation), BigInt(token), [
      { entity: encoderFor(VIEW.entities, VIEW.joinKeys).encode([1n]), row: Uint8Array.of(1) },
    ]);
  const live = async () => (await readState(online, VIEW.name)).state.live;
  return { ports, online, history, trace, plan, run, fill, live };
}

test('a run goes live at its watermark, in the phases that its record shows', async () => {
  const { run, live, trace, online } = await world();
  await run(1, 'g-0');
  const state = (await readState(online, VIEW.name)).state;
  assert.deepEqual([state.live?.id, state.live?.run, state.token], ['g-0', '00000001', 1n]);
  const reached = (await live())?.reachedMicros;
  assert.equal(reached, state.live?.watermarkMicros);
  const { phases, log } = trace.recorded;
  assert.deepEqual(
    phases.map(({ name }) => name),
    ['claim', 'load', 'switch'],
  );
  assert.equal(log[0]?.message, 'generation g-0 lacks the rows of run 00000001');
});

test('the generations that nobody reads any more are dropped, the one that lookups still read is not', async () => {
  const { run, fill, online } = await world();
  await run(1, 'g-0');
  for (const generation of ['g-0', 'g-1', 'g-2']) await fill(generation, 1);
  await run(2, 'g-2');
  assert.deepEqual((await online.listFields()).toSorted(), ['clicks@g-0', 'clicks@g-2']);
  await run(3, 'g-3');
  assert.deepEqual(await online.listFields(), ['clicks@g-2']);
});

test('a run that was overtaken publishes nothing: by one that went live, and by one that only claimed the view', async () => {
  const { ports, run, plan, live, online } = await world();
  await run(1, 'g-0');
  const second = await plan(2, 'g-1');
  await run(3, 'g-2');
  await assert.rejects(
    publish(ports, second, () => {}),
    { code: 'CONFLICT' },
  );
  assert.equal((await live())?.run, '00000003');
  const fourth = await plan(4, 'g-3');
  const { bytes, state } = await readState(online, VIEW.name);
  await online.writeState(VIEW.name, bytes, encodeServingState({ ...state, token: 5n }));
  await assert.rejects(
    publish(ports, fourth, () => {}),
    { code: 'CONFLICT' },
  );
  assert.equal((await live())?.run, '00000003');
});

test('a cancelled run drops nothing and does not go live', async () => {
  const { ports, run, plan, fill, live, online } = await world();
  await run(1, 'g-0');
  await fill('g-1', 1);
  const second = await plan(2, 'g-2');
  const cancelled = { ...ports, signal: AbortSignal.abort() };
  await assert.rejects(
    publish(cancelled, second, () => {}),
    { code: 'CANCELLED' },
  );
  assert.deepEqual([(await live())?.run, await online.listFields()], ['00000001', ['clicks@g-1']]);
});

test('what is pending: a run with a manifest that is not live, unless another one took the place of what it builds on', async () => {
  const { ports, run, plan } = await world();
  const pending = async () => (await pendingRun(ports, PLACED))?.manifest.run ?? null;
  assert.equal(await pending(), null);
  const first = await plan(1, 'g-0');
  assert.equal(await pending(), '00000001');
  await publish(ports, first, () => {});
  assert.equal(await pending(), null);
  await plan(3, 'g-0');
  assert.equal(await pending(), '00000003');
  await run(2, 'g-1');
  assert.equal(await pending(), null);
});

test('an emptied store: the newest run is pending', async () => {
  const { ports, run } = await world();
  await run(1, 'g-0');
  await run(2, 'g-1');
  const emptied = { ...ports, online: new MemoryOnlineStore() };
  assert.equal((await pendingRun(emptied, PLACED))?.manifest.run, '00000002');
});
