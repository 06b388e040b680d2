// plumb verify: does serving return what training had?
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import type { VerifyReport, VerifyResult } from '../../../schemas/wire-types.ts';
import type { Register } from '../command.ts';
import { wholeNumber } from '../number-option.ts';
import { createProgress } from '../progress.ts';
import { verifyText } from '../verify-text.ts';

interface Options {
  readonly service?: string;
  readonly seed: number;
  readonly samples: number;
  readonly against?: number;
  readonly draft?: true;
  readonly markdown?: true;
  readonly junit?: string;
  readonly html?: string;
}

// As src/audit/verify.ts has them: it is loaded by the command that runs.
const SEED = 1;
const SAMPLES = 1000;
const MOST_SAMPLES = 100_000;

export const registerVerify: Register = (program, run) => {
  program
    .command('verify')
    .description('compare serving with training on sampled entities and instants')
    .option('--service <name>', 'the features of this service (default: of all services)')
    .addOption(new Option('--seed <number>', 'draws the sample').default(SEED).argParser(wholeNumber(0, 2 ** 31 - 1)))
    .addOption(
      new Option('--samples <number>', 'at most so many pairs of an entity and an instant for each view')
        .default(SAMPLES)
        .argParser(wholeNumber(1, MOST_SAMPLES)),
    )
    .addOption(
      new Option('--against <version>', 'also tell what the current definitions move against this version').argParser(
        wholeNumber(1, 99_999_999),
      ),
    )
    .option(
      '--draft',
      'the definitions in files, as apply would register them (default: the newest registered version)',
    )
    .option('--markdown', 'print the result as Markdown, for a comment under a pull request')
    .option('--junit <file>', 'also write the result as JUnit XML')
    .option('--html <file>', 'also write the result as a page of HTML')
    .action(
      run(async (invocation, { service, seed, samples, against, draft, markdown, ...files }: Options) => {
        const { app, io } = invocation;
        const config = await invocation.config();
        using _interruptible = invocation.interruptible();
        await using verifier = await app.openVerifier(config, invocation.draftOptions(draft === true));
        using progress = createProgress(io);
        const request = { service: service ?? null, seed, samples, against: against ?? null };
        const report = await verifier.verify(request, ({ view, done, total }) =>
          progress.update({ label: `${view} looked up`, rowsDone: done, rowsTotal: total }),
        );
        progress[Symbol.dispose]();
        await writeReports(report, files, io.cwd);
        for (const { view, reason } of report.skipped) invocation.note(`warning: ${view} was not compared: ${reason}`);
        const text = markdown === true ? (await import('../../audit/report-markdown.ts')).markdownReport : verifyText;
        invocation.result(resultOf(report), () => text(report));
        return report.compared === 0 || report.differences > 0 ? 1 : 0;
      }),
    );
};

const resultOf = (report: VerifyReport): VerifyResult & Pick<VerifyReport, 'changes'> => {
  const { seed, compared, equal, differences, features, examples, changes } = report;
  return { seed, compared, equal, differences, features, examples, ...(changes === undefined ? {} : { changes }) };
};

async function writeReports(report: VerifyReport, { junit, html }: Pick<Options, 'junit' | 'html'>, cwd: string) {
  if (junit !== undefined) {
    const { junitReport } = await import('../../audit/report-junit.ts');
    await write(resolve(cwd, junit), junitReport(report), '--junit');
  }
  if (html !== undefined) {
    const { htmlReport } = await import('../../audit/report-html.ts');
    await write(resolve(cwd, html), htmlReport(report), '--html');
  }
}

async function write(path: string, text: string, option: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    throw new PlumbError('INVALID_REQUEST', `${option}: cannot write ${path}: ${why}`, { cause });
  }
}
