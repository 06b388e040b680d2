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
  const { asked } = await verify(EQUAL, '--seed', '7', '--samples', '20', '--service', 's', '--against', '3');
  assert.deepEqual(asked, [{ service: 's', seed: 7, samples: 20, against: 3 }]);
  assert.deepEqual((await verify(EQUAL)).asked, [{ service: null, seed: 1, samples: 1000, against: null }]);
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

const CHANGED: VerifyReport = {
  ...EQUAL,
  changes: {
    against: 1,
    services: [{ service: 's', added: ['v__new'], removed: ['v__old'] }],
    features: [
      { feature: 'v:n', services: ['s'], keys: 10, movedKeys: 4, compared: 10, moved: 4, meanAbs: 1.23456, maxAbs: 3 },
      { feature: 'v:s', services: ['s'], keys: 10, movedKeys: 0, compared: 10, moved: 0, meanAbs: null, maxAbs: null },
    ],
    notCompared: [{ view: 'w', reason: 'found <b>|\n' }],
    refill: [
      { view: 'v', reason: 'changed', rows: 1000, seconds: 12.3 },
      { view: 'w', reason: 'new', rows: null, seconds: null },
    ],
  },
};

test('what moves is rounded for people, and whole with --json', async () => {
  assert.match((await verify(CHANGED, '--against', '1')).out, /v:n +s +4 +10 +1\.235 +3\n/);
  assert.match((await verify(CHANGED, '--against', '1', '--json')).out, /"meanAbs": 1\.23456/);
});

test('--markdown is a comment under a pull request: the verdict, what moves, what is filled anew', async () => {
  const { code, out } = await verify(CHANGED, '--against', '1', '--markdown');
  assert.equal(code, 0, 'a feature that moves is no difference between training and serving');
  assert.match(out, /^### ✅ Serving returns what training has: 20 values$/m);
  assert.match(out, /^\| `v:n` \| `s` \| 4 of 10 \| 4 of 10 \| 1\.235 \| 3 \|$/m);
  assert.match(out, /^Of changed views, not moved in the sample: `v:s`\.$/m);
  assert.match(out, /^Service `s` gains `v__new` and loses `v__old`\.$/m);
  assert.match(out, /^- `w`: found \\<b\\>\\\| $/m);
  assert.match(out, /^\| `v` \| changed \| 13 s \| 1,000 \|$/m);
  assert.match(
    (await verify(REPORT, '--markdown')).out,
    /^### ❌ 1 of 20 values differ between training and serving$/m,
  );
  assert.match((await verify(NOTHING, '--markdown')).out, /Nothing was compared/);
});

test('text, HTML and JSON have what moves, too', async () => {
  const { out } = await verify(CHANGED, '--against', '1', '--html', 'c.html');
  assert.match(out, /moved against version 1\n/);
  assert.match(out, /v +changed +12\.3 s +1,000/);
  assert.match(await readFile(join(folder, 'c.html'), 'utf8'), /<h2>To be filled anew<\/h2>/);
  const { out: json } = await verify(CHANGED, '--against', '1', '--json');
  assert.deepEqual((JSON.parse(json) as VerifyReport).changes, CHANGED.changes);
});
