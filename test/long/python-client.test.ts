// The Python client as it is published: a wheel, installed into an environment of its own, where its tests, its README and
// its example run against real servers; and its sources by mypy and ruff. Packages come from PyPI into a cache folder;
// skipped where they cannot be had.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../python/virtual-environment.ts';

const CLIENT = fileURLToPath(new URL('../../sdk/python', import.meta.url));
const execute = promisify(execFile);

const tools = await toolsOfTheClient();
assert.ok(tools !== null || process.env.CI === undefined, 'CI needs python3 with venv, and PyPI');

/** The folder of programs of an environment that has all but the client itself. */
async function toolsOfTheClient(): Promise<string | null> {
  const requirements = join(CLIENT, 'requirements-dev.txt');
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  return await environmentWith(join(tmpdir(), `plumb-python-client-${hash}`), ['-r', requirements]);
}

/** What it prints. Nothing is written beside the sources. */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PLUMB_API_KEY: '' };
  const ended = await execute(program, args, { cwd: CLIENT, env, timeout: 900_000, maxBuffer: 2 ** 26 }).catch(
    (error: { code: unknown; stdout: string; stderr: string }) => error,
  );
  assert.ok(!('code' in ended), `${program} ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`);
  return ended.stdout;
}

suite('the Python client', { skip: tools === null && 'needs python3 with venv, and PyPI' }, () => {
  const programs = tools ?? '';
  let folder = '';
  let wheel = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumb-python-'));
    await run(join(programs, 'pip'), 'wheel', '-q', '--no-deps', '--no-build-isolation', '-w', folder, CLIENT);
    wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
    await installed();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Beside the packages of the tools, which are not copied. */
  async function installed(): Promise<void> {
    await run(join(programs, 'python'), '-m', 'venv', '--without-pip', join(folder, 'venv'));
    const packages = (program: string): Promise<string> =>
      run(program, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))');
    const target = (await packages(join(folder, 'venv/bin/python'))).trim();
    await writeFile(join(target, 'tools.pth'), await packages(join(programs, 'python')));
    await run(join(programs, 'pip'), 'install', '-q', '--no-deps', '--target', target, join(folder, wheel));
  }

  test('the wheel holds the package with its types, and its license', async () => {
    const listed = await run(join(programs, 'python'), '-m', 'zipfile', '-l', join(folder, wheel));
    const files = listed.split('\n').flatMap((line) => /^(\S+\.\S+|\S+\/\S+)\s/.exec(line)?.[1] ?? []);
    assert.ok(files.includes('plumb/py.typed') && files.includes('plumb/client.py'), listed);
    assert.ok(
      files.some((file) => file.endsWith('licenses/LICENSE')),
      listed,
    );
    assert.ok(
      files.every((file) => /^plumb(_client-[\d.]+\.dist-info)?\//.test(file)),
      listed,
    );
  });

  test('its tests and its README run with the wheel', async (context) => {
    const out = await run(join(folder, 'venv/bin/python'), '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests');
    context.diagnostic(out.trim().split('\n').at(-1) ?? '');
  });

  test('mypy, strict, for the oldest and the newest Python; ruff', async () => {
    const cache = join(folder, 'mypy');
    for (const version of ['3.10', '3.13'])
      await run(join(programs, 'mypy'), '--python-version', version, '--cache-dir', cache, 'src', 'tests');
    await run(join(programs, 'ruff'), 'check', '--no-cache', '.');
    await run(join(programs, 'ruff'), 'format', '--no-cache', '--check', '.');
  });
});
