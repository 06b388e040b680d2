// plumb get --watch as a process: a materialization beside it shows, and SIGINT ends it with 0.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../waiting.ts';
import { tempProject } from './project.ts';
import { CLICKS, SHOP, UNTIL } from './shop.ts';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));
const LATER = '2026-01-08T06:00:00Z';

function startWatch(folder: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [PLUMB, 'get', ...args, '--watch', '0.1'], { cwd: folder });
  after(() => child.kill('SIGKILL'));
  const out: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = (): readonly string[] => out.join('').split('\n').slice(0, -1);
  return {
    lines,
    hasSaid: (count: number) => until(lines, ({ length }) => length >= count),
    interrupt: (): Promise<number | null> => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

test('a materialization shows as one more line, and an interrupt ends it well', async () => {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  const ask = ['--features', 'spending:*', '--entity', '{"user_id":1}', '--at', LATER, '--json'];
  const watch = startWatch(project.folder, ...ask);
  await watch.hasSaid(1);
  await project.write('data/clicks.jsonl', `${CLICKS}{"user_id":1,"ts":"2026-01-08T05:00:00Z","price":10}\n`);
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  await watch.hasSaid(2);
  assert.equal(await watch.interrupt(), 0);
  const rows = watch.lines().map((line) => JSON.parse(line).rows);
  assert.deepEqual(rows, [[[2, 3.5]], [[3, 13.5]]]);
});
