// The k6 scripts run once each, against a live server; and the loader that runs them finds what it is there to find.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempProject } from '../e2e/project.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';
import { loadScript } from './k6/loader.ts';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'bench', 'k6');
/** Key 3 is not in the store: a third of the draws has no row. */
const SETTINGS = { SERVICE: 'ranking', KEYS: 'user_id=int64:1..3', ENTITIES: '5', AT: UNTIL };
const CHECKS = ['a known status per value', 'a row per entity', 'every feature present', 'status is 200'];

const project = await tempProject(SHOP);
assert.equal((await project.plumb('apply')).code, 0);
assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
const { url } = await project.serve();

const run = (script: string, env: Readonly<Record<string, string>> = {}) =>
  loadScript(join(SCRIPTS, script), { PLUMB_URL: url, ...SETTINGS, ...env });

for (const scenario of ['steady', 'ramping']) {
  test(`${scenario}.ts looks features up and checks the answers`, async () => {
    const report = await run(`${scenario}.ts`);
    assert.deepEqual(report.problems, []);
    assert.deepEqual([report.scenarios, report.requests], [[scenario], 1]);
    assert.deepEqual(Object.keys(report.checks).toSorted(), CHECKS);
    assert.equal(report.metrics.plumb_present?.samples, 5 * 4);
  });
}

test('features instead of a service, and no statuses', async () => {
  const report = await run('steady.ts', { SERVICE: '', FEATURES: 'profile:country,spending:*', STATUSES: 'false' });
  assert.deepEqual(report.problems, []);
  assert.deepEqual(Object.keys(report.checks).toSorted(), CHECKS.slice(1));
  assert.equal(report.metrics.plumb_present?.samples, 0);
});

const WRONG: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{ SERVICE: '' }, /^init: found neither SERVICE and FEATURES, expected one of the two$/],
  [{ FEATURES: 'profile:country' }, /^init: found both SERVICE and FEATURES/],
  [{ SERVICE: '', FEATURES: 'country' }, /^init: FEATURES: found "country", expected view:feature/],
  [{ KEYS: '' }, /^init: KEYS is not set, expected join keys such as user_id=int64:1\.\.100000: -e KEYS=…$/],
  [{ KEYS: 'user_id=int64:9..1' }, /^init: KEYS: found "user_id=int64:9\.\.1", expected/],
  [{ KEYS: 'user_id=int32:1..3000000000' }, /^init: KEYS: found/],
  [{ KEYS: 'user_id=double:1..2' }, /^init: KEYS: found/],
  [{ KEYS: 'user_id=bool,user_id=bool' }, /^init: KEYS: found/],
  [{ PLUMB_URL: 'localhost:6567' }, /^init: PLUMB_URL: found "localhost:6567", expected an address such as/],
  [{ RATE: '1.5' }, /^init: RATE: found "1\.5", expected a whole number/],
  [{ DURATION: '60' }, /^init: DURATION: found "60", expected a duration/],
  [{ VUS: '50', MAX_VUS: '10' }, /^init: MAX_VUS: found 10, expected at least the 50 of VUS$/],
  [{ P95_MS: 'fast' }, /^init: P95_MS: found "fast", expected a number above 0$/],
  [{ ERROR_SHARE: '2' }, /^init: ERROR_SHARE: found "2", expected a share from 0 to 1$/],
  [{ STATUSES: 'yes' }, /^init: STATUSES: found "yes", expected true or false$/],
  [{ SERVICE: 'rankin' }, /^setup: .* does not answer 200 but 404: .*ranking/],
  [{ KEYS: 'user_id=string:a|b' }, /^setup: .* does not answer 200 but 400: .*user_id/],
];
for (const [env, problem] of WRONG) {
  test(`a wrong setting: ${JSON.stringify(env)}`, async () => {
    const report = await run('steady.ts', env);
    assert.match(report.problems[0] ?? '', problem);
    assert.equal(report.requests, 0);
  });
}

test('a server that is away is told by setup()', async () => {
  const { problems } = await run('steady.ts', { PLUMB_URL: 'http://127.0.0.1:9' });
  assert.match(problems[0] ?? '', /^setup: http:\/\/127\.0\.0\.1:9\/v1\/online-features does not answer 200 but /);
});

const GET = "const response = http.get(__ENV.PLUMB_URL + '/healthz');";
const CHECK = 'check(response, { ok: ({ status }) => status === 200 });';
const script = (body: string, options = '{}', head = ''): string => `
import http from 'k6/http';
import { check } from 'k6';
import { Rate } from 'k6/metrics';
${head}
const share = new Rate('share');
export const options = ${options};
export default function () { ${body} }
`;

const SCRIPTS_AND_PROBLEMS: readonly (readonly [string, string, readonly string[]])[] = [
  ['a good script', script(GET + CHECK), []],
  ['no request', script('check(1, { ok: () => true });'), ['no scenario made a request']],
  ['no check', script(GET), ['no scenario made a check']],
  [
    'requests in setup() alone',
    script(CHECK.replace('response', '{ status: 200 }'), '{}', `export function setup() { ${GET} }`),
    ['no scenario made a request'],
  ],
  ['a failing check', script(`${GET}check(response, { odd: () => false });`), ['check failed: odd']],
  [
    'a threshold on a metric that is not there',
    script(GET + CHECK, "{ thresholds: { http_req_duraton: ['p(95)<10'] } }"),
    ['threshold http_req_duraton: p(95)<10: the run recorded no such metric'],
  ],
  [
    'a threshold on a metric without samples',
    script(GET + CHECK, "{ thresholds: { share: ['rate>0.5'] } }"),
    ['threshold share: rate>0.5: the run recorded no such metric'],
  ],
  [
    'malformed thresholds',
    script(GET + CHECK, "{ thresholds: { http_req_duration: ['p(95) below 10', { threshold: 'avg<fast' }] } }"),
    [
      'threshold http_req_duration: p(95) below 10: malformed, expected "method operator number"',
      'threshold http_req_duration: avg<fast: malformed, expected "method operator number"',
    ],
  ],
  [
    'a method that the metric does not have',
    script(GET + CHECK, "{ thresholds: { checks: ['p(95)<10'], 'http_req_duration{name}': ['max<1'] } }"),
    ['threshold checks: p(95)<10: a rate has no "p(95)"', 'threshold http_req_duration{name}: max<1: malformed tags'],
  ],
  [
    'an executor that does not exist',
    script(GET + CHECK, "{ scenarios: { a: { executor: 'constant-rate', duration: '1s' } } }"),
    ['scenario a: no executor is named "constant-rate"'],
  ],
  [
    'an executor without what it needs',
    script(GET + CHECK, "{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 1, duration: '1 s' } } }"),
    ['scenario a: constant-arrival-rate needs preAllocatedVUs', 'scenario a: "1 s" is no duration'],
  ],
  [
    'a function that is not exported',
    script(GET + CHECK, "{ scenarios: { a: { executor: 'shared-iterations', exec: 'other' } } }"),
    ['scenario a: the script exports no function "other"', 'no scenario made a request', 'no scenario made a check'],
  ],
  [
    'a module of Node',
    script(GET + CHECK, '{}', "import { readFileSync } from 'node:fs';"),
    ['init: k6 has no module "node:fs"', 'no scenario made a request', 'no scenario made a check'],
  ],
  [
    'a request outside of functions',
    script(GET + CHECK, '{}', GET),
    ['init: k6/http: no requests in the init context', 'no scenario made a request', 'no scenario made a check'],
  ],
  ['an exception', script(`${GET}${CHECK}nothing.at.all();`), ['scenario: nothing is not defined']],
];
for (const [name, text, problems] of SCRIPTS_AND_PROBLEMS) {
  test(`the loader on ${name}`, async () => {
    await project.write('script.js', text);
    const report = await loadScript(join(project.folder, 'script.js'), { PLUMB_URL: url });
    assert.deepEqual(report.problems, problems);
  });
}
