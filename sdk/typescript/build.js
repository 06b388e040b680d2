// npm run build: TypeScript → dist/, from scratch, so that nothing of an earlier build is published.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

rmSync(new URL('dist', import.meta.url), { recursive: true, force: true });
const { status, error } = spawnSync('tsc', ['-p', 'tsconfig.json'], {
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (error !== undefined) throw error;
process.exit(status ?? 1);
