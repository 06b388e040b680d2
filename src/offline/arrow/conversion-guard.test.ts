import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ConversionGuard } from './conversion-guard.ts';

test('work that stands still is refused; work that moves on is not', async () => {
  using guard = new ConversionGuard(500);
  const steps = setInterval(() => guard.moved(), 20);
  const slow = new Promise((done) => setTimeout(() => done('done'), 800));
  assert.equal(await guard.watch(slow), 'done');
  clearInterval(steps);
  const never = new Promise(() => {});
  await assert.rejects(guard.watch(never), { code: 'INVALID_LABELS', message: /cannot be converted/ });
});

test('regression: a panic of WebAssembly that nobody catches refuses the labels and does not end the process', async () => {
  const script = `
    import { ConversionGuard } from ${JSON.stringify(new URL('./conversion-guard.ts', import.meta.url).href)};
    using guard = new ConversionGuard(60_000);
    setTimeout(() => { throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' }); });
    await guard.watch(new Promise(() => {})).catch(({ code }) => console.log(code));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(stdout.trim(), 'INVALID_LABELS');
});
