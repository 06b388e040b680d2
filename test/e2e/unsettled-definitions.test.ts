// Definition files in TypeScript that do not end: `apply` does, within the time that docs/reference/definitions.md states.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plumb, tempProject } from './project.ts';
import { SHOP } from './shop.ts';

// At once: each waits for the 10 s.
describe('apply', { concurrency: true }, () => {
  for (const [what, text, found] of [
    ['never settles', 'await new Promise(() => {});\nexport {};\n', /had not finished loading after 10 s/],
    ['keeps a timer', 'setInterval(() => {}, 1000);\nexport {};\n', /a timer that still ran 10 s after/],
  ] as const) {
    test(`regression: apply with a definition that ${what} exits 2 with the name of the file`, async () => {
      const project = await tempProject({ ...SHOP, 'features/odd.ts': text }, plumb);
      const begunAtMillis = performance.now();
      const { code, document } = await project.json('apply');
      assert.equal(code, 2);
      assert.match(JSON.stringify(document), /INVALID_DEFINITION.*features\/odd\.ts/s);
      assert.match(JSON.stringify(document), found);
      assert.ok(performance.now() - begunAtMillis < 60_000);
    });
  }
});
