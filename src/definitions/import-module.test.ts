import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { importModule } from './import-module.ts';

async function load(text: string, withinMillis = 300): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-module-'));
  try {
    await writeFile(join(folder, 'shop.mjs'), text);
    return await importModule(join(folder, 'shop.mjs'), withinMillis);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a module may await, and may start what ends in time', async () => {
  const text = `await new Promise((done) => setTimeout(done, 20)); setTimeout(() => {}, 100); export const a = 1;`;
  assert.equal(Reflect.get(Object(await load(text, 3000)), 'a'), 1);
  assert.equal(Reflect.get(Object(await load('setInterval(() => {}, 1000).unref(); export const a = 2;')), 'a'), 2);
});

test('regression: a module that awaits for ever is given up', async () => {
  await assert.rejects(
    load('await new Promise(() => {});'),
    /^Error: a module that had not finished loading after 0.3 s/,
  );
});

/** In a process of its own: Node's test runner follows each asynchronous step, and a step that is terminated breaks it. */
test('regression: a module that never lets a timer run is given up, and the next one is loaded', async () => {
  const program = `
    import { importModule } from ${JSON.stringify(new URL('./import-module.ts', import.meta.url))};
    const load = (text) => importModule(text, 300).then(() => 'loaded', String);
    console.log(await load(process.argv[1]), await load(process.argv[2]));
  `;
  const folder = await mkdtemp(join(tmpdir(), 'plumb-module-'));
  try {
    const [loop, calm] = [join(folder, 'loop.mjs'), join(folder, 'calm.mjs')];
    await Promise.all([writeFile(loop, 'for (;;) {}'), writeFile(calm, 'export {};')]);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, loop, calm]);
    assert.match(stdout, /^Error: a module that had not finished loading after 0.3 s.*loops for ever loaded\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('regression: a module that keeps a timer, a server or a child process is refused', async () => {
  const kept = globalThis as unknown as { keptByModule: NodeJS.Timeout & { close(): void; kill(): void } };
  const loadKept = (start: string) => load(`globalThis.keptByModule = await (async () => { ${start} })();`);
  await assert.rejects(loadKept('return setInterval(() => {}, 1000);'), /a timer that still ran 0.3 s after/);
  clearInterval(kept.keptByModule);
  const server = `const { createServer } = await import('node:net'); return createServer().listen(0);`;
  await assert.rejects(loadKept(server), /a server that still ran/);
  kept.keptByModule.close();
  const child = `const { spawn } = await import('node:child_process'); return spawn('sleep', ['60']);`;
  await assert.rejects(loadKept(child), /a child process that still ran/);
  kept.keptByModule.kill();
});
