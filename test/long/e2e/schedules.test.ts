// What is scheduled runs by itself, in one of the servers on a storage, whatever becomes of the others.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { CommandJob, ErrorBody, Job, Schedule, SchedulePage, ViewState } from '../../../schemas/wire-types.ts';
import { lookup, type RunningServe, type TempProject, tempProject } from '../../e2e/project.ts';
import { SHOP } from '../../e2e/shop.ts';
import { until } from '../../waiting.ts';

const TERM_MILLIS = 2000;
const SCHEDULER = { PLUMB_SERVER_DUTIES: '["lookup","jobs","schedule"]' };

/** A shop whose clicks are refreshed every second. */
async function shop(rest = ''): Promise<TempProject> {
  const file = `project: shop\nengine: { kind: duckdb, threads: 1 }\n${rest}`;
  const features = (SHOP['features/shop.yaml'] ?? '').replace(
    /refresh: \{[^}]*\}/,
    'refresh: { every: 1s, delay: 0s }',
  );
  assert.match(features, /every: 1s/);
  const project = await tempProject({ ...SHOP, 'features/shop.yaml': features, 'plumb.yaml': file });
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

async function watermarks({ url }: RunningServe): Promise<readonly (string | null)[]> {
  const { views } = (await (await fetch(`${url}/v1/status`)).json()) as { views: { watermark: string | null }[] };
  return views.map(({ watermark }) => watermark);
}

async function leads({ url }: RunningServe): Promise<boolean> {
  return /^plumb_scheduler_leads 1$/m.test(await (await fetch(`${url}/metrics`)).text());
}

/** Until some view is further than it is now. */
async function untilRun(server: RunningServe): Promise<void> {
  const before = JSON.stringify(await watermarks(server));
  await until(async () => JSON.stringify(await watermarks(server)) !== before);
}

/** On a busy machine a leader may lose a short lease to the other one: who it is now. */
const whoLeads = async (one: RunningServe, other: RunningServe): Promise<readonly [RunningServe, RunningServe]> =>
  (await until(async () => {
    const found = [await leads(one), await leads(other)];
    if (found[0] === found[1]) return null;
    return found[0] ? ([one, other] as const) : ([other, one] as const);
  })) as readonly [RunningServe, RunningServe];

test('of two servers one runs the schedules; where it is killed, or stands still for a term, the other one does', async () => {
  const project = await shop();
  const env = { ...SCHEDULER, PLUMB_LEASETERMMILLIS: String(TERM_MILLIS) };
  const servers = [await project.serve(env), await project.serve(env)] as const;
  await whoLeads(...servers);
  await untilRun(servers[1]);

  const [first, second] = await whoLeads(...servers);
  process.kill(first.pid, 'SIGSTOP');
  const stoppedAtMillis = performance.now();
  await until(() => leads(second));
  const tookMillis = performance.now() - stoppedAtMillis;
  // A term without a sign of life, and a busy machine.
  assert.ok(tookMillis > TERM_MILLIS / 2 && tookMillis < 10 * TERM_MILLIS, `took over after ${tookMillis} ms`);
  await untilRun(second);
  process.kill(first.pid, 'SIGCONT');

  const [leader, left] = await whoLeads(...servers);
  await leader.kill();
  await until(() => leads(left));
  await untilRun(left);
  const { err } = await left.stop();
  assert.doesNotMatch(err, /internal error/);
});

test('with several workers the process that has the jobs runs the schedules', async () => {
  const project = await shop();
  const server = await project.serve({ ...SCHEDULER, PLUMB_SERVER_WORKERS: '2' });
  await until(() => leads(server));
  await untilRun(server);
  await untilRun(server);
});

test('commands run as jobs; one that fails is told to notify.url, without its output', async () => {
  const told: Record<string, unknown>[] = [];
  const receiver = createServer(async (request, response) => {
    told.push((await json(request)) as Record<string, unknown>);
    response.end();
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  after(() => receiver.close());
  const { port } = receiver.address() as { readonly port: number };
  const project = await shop(`
notify: { url: "http://127.0.0.1:${port}/hook" }
schedules:
  - { name: collect, cron: "* * * * *", run: "gc --max-time 10m", catchUp: each }
  - { name: broken, cron: "* * * * *", run: "dataset create --service absent --keys-of profile --at now", catchUp: each }
`);
  // As a server that was away for a while left them.
  const handled = new Date(Date.now() - 90_000).toISOString();
  for (const [name, run] of [
    ['collect', 'gc --max-time 10m'],
    ['broken', 'dataset create --service absent --keys-of profile --at now'],
  ]) {
    const record = { fingerprint: `* * * * * ${run}`, handled, lastRun: null };
    await project.write(`.plumb/schedules/${name}.json`, JSON.stringify(record));
  }
  const server = await project.serve(SCHEDULER);
  await until(() => told.length > 0);
  const [{ at: _, job, due: __, ...rest } = {}] = told;
  assert.deepEqual(rest, {
    ...{ event: 'schedule_failed', project: 'shop', schedule: 'broken', kind: 'command', attempts: 1 },
    error: { code: 'COMMAND_FAILED', message: 'dataset create ended with exit code 2 (UNKNOWN_NAME)' },
  });
  const { kind, status, request } = (await (await fetch(`${server.url}/v1/jobs/${job}`)).json()) as CommandJob;
  assert.deepEqual([kind, status, request.schedule], ['command', 'failed', 'broken']);
  await until(async () => /"succeeded"/.test(await project.read('.plumb/schedules/collect.json')));
});

test('a schedule that would run something else is refused with the project file, by any command', async () => {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': `project: shop
notify: { url: "ftp://example.com/SECRET" }
schedules:
  - { name: a, cron: "0 3 * * *", run: "gc" }
`,
  });
  const secret = await project.plumb('list');
  assert.equal(secret.code, 2);
  assert.match(secret.err, /notify\.url/);
  assert.doesNotMatch(secret.err, /SECRET/);
  const refused = async (run: string, cron = '0 3 * * *'): Promise<string> => {
    const schedules = [{ name: 'a', cron, run }];
    await project.write('plumb.yaml', `project: shop\nschedules: ${JSON.stringify(schedules)}\n`);
    const { code, err } = await project.plumb('list');
    assert.equal(code, 2, err);
    return err;
  };
  assert.match(
    await refused('get --service ranking'),
    /schedules\[0\]\.run[\s\S]*found: "get"[\s\S]*expected: materialize/,
  );
  assert.match(await refused('gc; rm -rf /'), /found: "gc; rm -rf \/": unknown command/);
  assert.match(await refused('gc --limit many'), /expected a whole number/);
  assert.match(await refused('gc --config other.yaml'), /no other project file/);
  assert.match(await refused('dataset create --labels x.csv'), /required option '--service/);
  assert.match(await refused('gc "open'), /an end to each quote/);
  assert.match(await refused('serve'), /found: "serve"/);
  assert.match(await refused(''), /schedules\[0\]\.run/);
  assert.match(await refused('gc', '0 0 31 2 *'), /schedules\[0\]\.cron[\s\S]*five fields of cron in UTC/);
  const schedules = [
    { name: 'a', cron: '0 3 * * *', run: 'serve' },
    { name: 'a', cron: '0 0 31 2 *', run: 'gc --limit many' },
    { name: 'b', cron: 'daily', run: 'gc', runs: 1 },
    { name: 'b', run: '' },
  ];
  await project.write('plumb.yaml', `project: shop\nschedules: ${JSON.stringify(schedules)}\nserver: { port: x }\n`);
  const { error } = (await project.json('list')).document;
  assert.deepEqual(
    ((error?.details.issues ?? []) as readonly { readonly path: string }[]).map(({ path }) => path),
    [
      ...['server.port', 'schedules[2].cron', 'schedules[2].runs', 'schedules[3].cron', 'schedules[3].run'],
      ...['schedules[0].run', 'schedules[1].name', 'schedules[1].cron', 'schedules[1].run', 'schedules[3].name'],
    ],
    'all mistakes at once, each once',
  );
});

test('a server that is started with --only schedule says so to those who ask for more', async () => {
  const project = await shop();
  const server = await project.serve({ PLUMB_SERVER_DUTIES: '["schedule"]' });
  await untilRun(server);
  const asked = await lookup(server.url, { service: 'ranking', entities: [{ user_id: 1 }] });
  const refusedLookup = (await asked.json()) as ErrorBody;
  assert.deepEqual([asked.status, refusedLookup.error.code], [421, 'NOT_SERVED']);
  const job = await fetch(`${server.url}/v1/materializations`, { method: 'POST', body: '{}' });
  assert.equal(job.status, 421);
  const run = await fetch(`${server.url}/v1/schedules/spending/run`, { method: 'POST' });
  assert.equal(run.status, 421, 'a run by hand is a job that a client asks for');
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal((await project.plumb('serve', '--only', 'lookup,nothing')).code, 2);
  const both = await project.plumb('serve', '--scheduler', '--only', 'lookup');
  assert.match(both.err, /--scheduler cannot be used with --only lookup: write --only lookup,schedule\n/);
  const twice = await project.plumb('serve', '--scheduler', '--only', 'jobs,schedule');
  assert.match(twice.err, /--only jobs,schedule runs what is scheduled already: leave --scheduler out\n/);
  assert.deepEqual([both.code, twice.code], [2, 2]);
});

test('a schedule is seen, paused, resumed and run over HTTP, by any server of the storage', async () => {
  const project = await shop('schedules: [{ name: collect, cron: "0 3 1 1 *", run: "gc" }]\n');
  const asked = await project.serve();
  const at = async <T>(path: string, status: number, method = 'POST'): Promise<T> => {
    const response = await fetch(`${asked.url}/v1/schedules${path}`, { method });
    assert.equal(response.status, status, path);
    return (await response.json()) as T;
  };
  const page = () => at<SchedulePage>('', 200, 'GET');
  const [collect, spending] = (await page()).schedules as [Schedule, Schedule];
  assert.deepEqual(
    [collect.name, collect.kind, collect.cron, collect.run, collect.lastRun],
    ['collect', 'command', '0 3 1 1 *', 'gc', null],
  );
  assert.deepEqual([spending.name, spending.refresh, spending.run], ['spending', { every: '1s', delay: '0s' }, null]);
  assert.equal((await page()).scheduler, null);
  const cursor = (await at<SchedulePage>('?limit=1', 200, 'GET')).next;
  assert.deepEqual(
    (await at<SchedulePage>(`?limit=1&cursor=${cursor}`, 200, 'GET')).schedules.map(({ name }) => name),
    ['spending'],
  );

  assert.equal((await at<Schedule>('/spending/pause', 200)).paused, true);
  await at('/nothing/pause', 404);
  const leader = await project.serve(SCHEDULER);
  await until(async () => (await page()).scheduler?.pid === leader.pid);
  const job = await at<Job>('/spending/run', 202);
  await until(
    async () => ((await (await fetch(`${leader.url}/v1/jobs/${job.id}`)).json()) as Job).status === 'succeeded',
  );
  const before = JSON.stringify(await watermarks(asked));
  const gc = await at<Job>('/collect/run', 202);
  await until(
    async () => ((await (await fetch(`${leader.url}/v1/jobs/${gc.id}`)).json()) as Job).status === 'succeeded',
  );
  assert.equal(JSON.stringify(await watermarks(asked)), before, 'paused');
  assert.equal((await at<Schedule>('/spending/resume', 200)).paused, false);
  await untilRun(asked);
  const { schedules } = await page();
  assert.equal(schedules.find(({ name }) => name === 'spending')?.lastRun?.failures, 0);
});

test('plumb status --exit-code, GET /v1/status and /metrics tell of the same view that it is overdue', async () => {
  const project = await tempProject({ ...SHOP });
  assert.equal((await project.plumb('apply')).code, 0);
  const [, applied] = (await project.json('status')).document.views as [ViewState, ViewState];
  assert.ok((applied.overdueSeconds ?? 60) < 60, 'nothing was due before it existed');
  assert.equal((await project.plumb('materialize', '--until', '2026-01-08T00:30:00Z')).code, 0);
  const status = (...more: readonly string[]) => project.json('status', '--exit-code', ...more);
  const stale = await status();
  assert.equal(stale.code, 3);
  assert.equal((await status('--stale-after', '365000d')).code, 0);
  assert.equal((await project.plumb('status')).code, 0);
  const [profile, spending] = stale.document.views as [ViewState, ViewState];
  assert.deepEqual([profile.expectedRun, profile.overdueSeconds], [null, null]);
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString().replace('.000', '');
  assert.equal(spending.expectedRun, hour);
  const sinceFirst = (Date.now() - Date.parse('2026-01-08T01:00:00Z')) / 1000;
  assert.ok(Math.abs((spending.overdueSeconds ?? 0) - sinceFirst) < 60, `${spending.overdueSeconds}`);

  const server = await project.serve();
  const { views } = (await (await fetch(`${server.url}/v1/status`)).json()) as { views: ViewState[] };
  assert.ok(Math.abs((views[1]?.overdueSeconds ?? 0) - sinceFirst) < 60);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const value = Number(/^plumb_view_overdue_seconds\{view="spending"\} (\S+)$/m.exec(metrics)?.[1]);
  assert.ok(Math.abs(value - sinceFirst) < 60, `${value}`);
  await server.stop();

  assert.equal((await project.plumb('materialize')).code, 0);
  assert.equal((await status()).code, 0);
  await project.remove('data/clicks.jsonl');
  assert.equal((await project.plumb('materialize', 'spending')).code, 1);
  assert.equal((await status()).code, 4);
});
