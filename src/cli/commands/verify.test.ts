import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VerifyReport } from '../../../schemas/wire-types.ts';
import { fakeApp, fakeIo, opened, projectFolder } from '../../../test/support/fake-app.ts';
import { runCli } from '../program.ts';

const folder = await projectFolder();

const REPORT: VerifyReport = {
  ...{ id: '00000003', kind: 'verify', createdAt: '2026-01-08T00:00:00Z', version: 2, service: null, samples: 1000 },
  ...{ seconds: 1.5, seed: 1, compared: 20, equal: 19, differences: 1 },
  features: [
    { feature: 'v:n', compared: 10, differs: 1, maxAbs: 1 },
    { feature: 'v:s', compared: 10, differs: 0, maxAbs: null },
  ],
  examples: [
    {
      ...{ feature: 'v:n', entity: { id: '<a&"b">' }, at: '2026-01-01T00:00:00Z' },
      ...{ training: 9007199254740993n, serving: null, trainingStatus: 'PRESENT', servingStatus: 'NOT_FOUND' },
    },
  ],
  skipped: [{ view: 'w', reason: 'online: false' }],
};
const EQUAL: VerifyReport = {
  ...REPORT,
  ...{ equal: 20, differences: 0, examples: [], skipped: [] },
  features: REPORT.features.map((feature) => ({ ...feature, differs: 0 })),
};
const NOTHING: VerifyReport = { ...EQUAL, compared: 0, equal: 0, features: [] };

async function verify(report: VerifyReport, ...argv: readonly string[]) {
  const io = fakeIo(folder);
  const asked: unknown[] = [];
  const part = opened({
    verify: async (request: unknown) => {
      asked.push(request);
      return report;
    },
  });
  const code = await runCli(['verify', ...argv], fakeApp({ openVerifier: part.open }), io);
  return { code, out: io.stdout(), err: io.stderr(), asked };
}

test('exit code 0 where all is equal, 1 where something differs or nothing was compared', async () => {
  assert.equal((await verify(EQUAL)).code, 0);
  const differing = await verify(REPORT);
  assert.equal(differing.code, 1);
  assert.match(differing.out, /19 of 20 values are equal, 1 DIFFER \(seed 1, report 00000003\)\./);
  assert.match(
    differing.out,
    /at 2026-01-01T00:00:00Z: training 9007199254740993 \(PRESENT\), serving null \(NOT_FOUND\)/,
  );
  assert.match(differing.err, /warning: w was not compared: online: false/);
  const nothing = await verify(NOTHING);
  assert.equal(nothing.code, 1);
  assert.match(nothing.out, /^Nothing was compared/);
});

test('--json prints what the contract says, with all digits', async () => {
  const { out } = await verify(REPORT, '--json');
  const document = JSON.parse(out) as object;
  assert.deepEqual(Object.keys(document), ['seed', 'compared', 'equal', 'differences', 'features', 'examples']);
  assert.match(out, /"training": 9007199254740993,/);
});

test('seed, samples and service are passed on, within bounds', async () => {
  const { asked } = await verify(EQUAL, '--seed', '7', '--samples', '20', '--service', 's');
  assert.deepEqual(asked, [{ service: 's', seed: 7, samples: 20 }]);
  assert.deepEqual((await verify(EQUAL)).asked, [{ service: null, seed: 1, samples: 1000 }]);
  for (const wrong of [
    ['--samples', '0'],
    ['--samples', '100001'],
    ['--seed', '-1'],
    ['--seed', 'x'],
  ])
    assert.equal((await verify(EQUAL, ...wrong)).code, 2, wrong.join(' '));
});

test('--junit and --html write files in which no value is markup', async () => {
  await verify(REPORT, '--junit', 'r.xml', '--html', 'r.html');
  const [xml, html] = await Promise.all(['r.xml', 'r.html'].map((name) => readFile(join(folder, name), 'utf8')));
  assert.match(xml ?? '', /<testsuite name="plumb verify" tests="3" failures="1" errors="0" skipped="1" time="1.500"/);
  assert.match(xml ?? '', /<failure message="1 of 10 values differ">v:n of \{&quot;id&quot;:&quot;&lt;a&amp;/);
  assert.match(html ?? '', /<title>plumb verify: 1 of 20 values differ<\/title>/);
  assert.ok(!(html ?? '').includes('<a&') && !/<(script|link|img)/.test(html ?? ''));
  await verify(NOTHING, '--junit', 'n.xml');
  assert.match(await readFile(join(folder, 'n.xml'), 'utf8'), /failures="1".*nothing was compared/s);
  assert.equal((await verify(EQUAL, '--html', 'nowhere/r.html')).code, 2);
});
