// `npm run demo:live` ends well: no click lost or counted twice, and no value that differs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

test('the live demo', async () => {
  const script = fileURLToPath(new URL('../../examples/clickstream/live.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 180_000 });
  const [, equal, values] = /([\d,]+) of ([\d,]+) values are equal/.exec(stdout) ?? [];
  assert.ok(equal !== undefined && equal === values, stdout);
  assert.match(stdout, /none is lost and none counts twice, of 200 of 200 users/);
});
