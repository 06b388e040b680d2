// plumb doctor: checks everything that a working project needs, one line each, with what to do.
import type { Register } from '../command.ts';
import { runChecks } from '../doctor/checks.ts';
import type { Check } from '../doctor/finding.ts';

const MARKS: Readonly<Record<Check['outcome'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

export const registerDoctor: Register = (program, run) => {
  program
    .command('doctor')
    .description('check the machine, the project, its sources and its stores')
    .action(
      run(async (invocation) => {
        const checks = await runChecks(invocation);
        const ok = checks.every(({ outcome }) => outcome !== 'fail');
        invocation.result({ ok, checks }, () => checks.map(checkLine).join('\n'));
        return ok ? 0 : 1;
      }),
    );
};

const checkLine = ({ name, outcome, found, advice }: Check): string =>
  `${MARKS[outcome]}  ${name}: ${found}${advice === null ? '' : ` (${advice})`}`;
