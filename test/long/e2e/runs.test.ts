// Runs as people and programs see them: of a job, of a command, failed, going on, killed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runDetailsSchema, runPageSchema } from '../../../schemas/wire.ts';
import type { Job, MaterializationJob, MaterializationRun, RunDetails, RunPage } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { interruptAt, startPaused, type TempProject, tempProject } from '../../e2e/project.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';

const LATER = '2026-01-09T00:00:00Z';

const listOf = async (url: string, query = ''): Promise<RunPage> =>
  runPageSchema.parse(await answerOf<RunPage>(await fetch(`${url}/v1/runs${query}`)));
const showOf = async (url: string, id: string): Promise<RunDetails> =>
  runDetailsSchema.parse(await answerOf<RunDetails>(await fetch(`${url}/v1/runs/${id}`)));

async function appliedShop(): Promise<TempProject> {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

test('the runs of a job, by its ids: phases, rows, log; pages and filters; the same by the command', async () => {
  const project = await appliedShop();
  const server = await project.serve();
  const { id } = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  const job = (await waitFor(server.url, id, hasEnded)) as MaterializationJob;
  const ids = job.result?.runs.map(({ view, run }) => `${view}-${run}`);
  assert.deepEqual(ids, ['profile-00000001', 'spending-00000001']);

  const profile = await showOf(server.url, 'profile-00000001');
  assert.deepEqual(
    [profile.state, profile.mode, profile.job, profile.until, profile.rowsWritten, profile.error],
    ['succeeded', 'incremental', id, UNTIL, 3, null],
  );
  assert.deepEqual(
    profile.phases.map(({ name, rows, seconds }) => [name, rows, seconds !== null]),
    [
      ['plan', null, true],
      ['compute', 3, true],
      ['store', 3, true],
      ['commit', null, true],
      ['claim', null, true],
      ['load', 3, true],
      ['switch', null, true],
    ],
  );
  assert.deepEqual([profile.parts.files, profile.parts.rows, profile.chain], [1, 3, ['00000001']]);
  assert.deepEqual(profile.interval, { from: null, to: UNTIL });
  const log = profile.log.map(({ message }) => message).join('\n');
  assert.match(log, /fills generation [0-9a-f]+-0: nothing of the view is in the online store/);
  assert.match(log, /^read 3 rows from 1 of 1 file$/m);
  const spending = await showOf(server.url, 'spending-00000001');
  assert.equal(spending.boundary, UNTIL);

  const all = await listOf(server.url);
  assert.deepEqual([all.runs.map((run) => run.id), all.next], [['spending-00000001', 'profile-00000001'], null]);
  const first = await listOf(server.url, '?limit=1');
  const second = await listOf(server.url, `?limit=1&cursor=${first.next}`);
  assert.deepEqual([...first.runs, ...second.runs], all.runs);
  assert.equal(second.next, null);
  assert.deepEqual((await listOf(server.url, '?view=profile&state=succeeded')).runs.length, 1);
  assert.deepEqual((await listOf(server.url, '?state=failed')).runs, []);
  await refusal(await fetch(`${server.url}/v1/runs?view=profil`), 'UNKNOWN_NAME');
  await refusal(await fetch(`${server.url}/v1/runs?state=done`), 'INVALID_REQUEST');
  await refusal(await fetch(`${server.url}/v1/runs?job=1`), 'INVALID_REQUEST');
  await refusal(await fetch(`${server.url}/v1/runs?cursor=AA`), 'INVALID_REQUEST');
  await refusal(await fetch(`${server.url}/v1/runs/profile-00000002`), 'UNKNOWN_NAME');
  await refusal(await fetch(`${server.url}/v1/runs/..%2Fprofile-00000001`), 'UNKNOWN_NAME');
  await server.stop();

  const { document } = await project.json('run', 'show', 'profile-00000001');
  assert.deepEqual(document, profile);
  const { out } = await project.plumb('run', 'list', '--limit', '1');
  assert.match(out, /^id +state .*\nspending-00000001 +succeeded .*\nThere are more: use --limit\.\n$/);
  const { out: shown } = await project.plumb('run', 'show', 'profile-00000001');
  assert.match(shown, /^run profile-00000001\n {2}state +succeeded\n.*\nphases\n.*\nlog\n/s);
  assert.equal((await project.plumb('run', 'show', 'nope-00000001')).code, 2);
});

test('an incremental run says which rows it does not read again, and a --full one why it fills a generation', async () => {
  const project = await appliedShop();
  await project.plumb('materialize', 'profile', '--until', UNTIL);
  await project.plumb('materialize', 'profile', '--until', LATER);
  await project.plumb('materialize', 'profile', '--until', LATER, '--full');
  const messagesOf = async (id: string): Promise<string> => {
    const { document } = await project.json('run', 'show', id);
    return (document as unknown as RunDetails).log.map(({ message }) => message).join('\n');
  };
  const incremental = await messagesOf('profile-00000002');
  assert.match(incremental, /adds to generation [0-9a-f]+-0 of run 00000001/);
  assert.match(incremental, /^rows stamped before 2026-01-07T00:00:00Z are not read again$/m);
  assert.match(incremental, /^generation [0-9a-f]+-0 lacks the rows of run 00000002$/m);
  assert.match(await messagesOf('profile-00000003'), /fills generation [0-9a-f]+-1: a new one was asked for/);
});

test('a run that fails tells clients no place of this machine, and stays in the list', async () => {
  const project = await appliedShop();
  await project.remove('data/clicks.jsonl');
  const { code, document } = await project.json('materialize', '--until', UNTIL);
  assert.equal(code, 1);
  const [, told] = document.runs as readonly MaterializationRun[];
  const server = await project.serve();
  const [failed] = (await listOf(server.url, '?state=failed')).runs;
  assert.deepEqual([failed?.id, failed?.error?.code], ['spending-00000001', 'SOURCE_MISMATCH']);
  const shown = await showOf(server.url, 'spending-00000001');
  assert.equal(shown.log.at(-1)?.level, 'error');
  assert.deepEqual([told?.run, told?.finishedAt], ['00000001', shown.finishedAt], 'one report of one run');
  const status = await (await fetch(`${server.url}/v1/status`)).text();
  for (const text of [JSON.stringify(shown), status]) assert.ok(!text.includes(project.folder), text);
  await server.stop();
});

test('a run of another process is seen while it goes on; one whose process was killed has failed', async () => {
  const project = await appliedShop();
  const server = await project.serve();
  const MATERIALIZE = ['materialize', 'profile', '--until', UNTIL];
  const paused = await startPaused(project.folder, 'materialize.rows_written', MATERIALIZE);
  const [running] = (await listOf(server.url, '?state=running')).runs;
  assert.deepEqual([running?.id, running?.finishedAt, running?.job], ['profile-00000001', null, null]);
  await paused.kill();
  const killed = await showOf(server.url, 'profile-00000001');
  assert.deepEqual([killed.state, killed.error?.code], ['failed', 'INTERRUPTED']);
  assert.match(killed.error?.message ?? '', /the next run of the view puts it online/);
  assert.equal(killed.parts.rows, 3);

  assert.equal((await project.plumb(...MATERIALIZE)).code, 0);
  assert.equal((await showOf(server.url, 'profile-00000001')).state, 'succeeded');
  const next = await showOf(server.url, 'profile-00000002');
  assert.deepEqual([next.phases[0]?.name, next.state], ['verify', 'succeeded']);
  assert.match(next.log[0]?.message ?? '', /^run 00000001 was computed, but is not what lookups read/);
  await server.stop();
});

test('a run that was interrupted is cancelled, and its record stays', async () => {
  const project = await appliedShop();
  await interruptAt(project.folder, 'materialize.computed', ['materialize', 'profile', '--until', UNTIL]);
  const { document } = await project.json('run', 'list', '--state', 'cancelled');
  const { runs } = document as unknown as RunPage;
  assert.deepEqual(
    runs.map(({ id, error }) => [id, error?.code]),
    [['profile-00000001', 'CANCELLED']],
  );
});
