// npm run build: TypeScript → dist/, from scratch, so that nothing of an earlier build is published.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });
const { status, error } = spawnSync('tsc', ['-p', 'tsconfig.json'], {
  cwd: here,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (error !== undefined) throw error;
process.exit(status ?? 1);
