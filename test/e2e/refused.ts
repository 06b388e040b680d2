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
  const plain = await project.plumb(...argv);
  assert.equal(plain.code, ERRORS[code].exit, `${argv.join(' ')}: exit ${plain.code}: ${plain.out}${plain.err}`);
  assert.match(plain.err, message);
  assert.doesNotMatch(plain.err, /^\s+at .*\(?(file:|node:|\/)/m, 'a stack trace');
  const { document } = await project.json(...argv);
  assert.equal(document.error?.code, code, JSON.stringify(document));
}
