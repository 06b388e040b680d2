// One form for all tests of bad input: the command is refused with this code and exit, and its message says this.
import assert from 'node:assert/strict';
import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import type { TempProject } from './project.ts';

export async function assertRefused(
  project: TempProject,
  argv: readonly string[],
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  const { code: exit, document } = await project.json(...argv);
  const shown = `${argv.join(' ')}: exit ${exit}: ${JSON.stringify(document)}`;
  assert.equal(document.error?.code, code, shown);
  assert.equal(exit, ERRORS[code].exit, shown);
  assert.match(document.error?.message ?? '', message);
  assert.doesNotMatch(document.error?.message ?? '', /^\s+at .*(file:|node:)/m, 'a stack trace');
}
