// The parser of the command line. Each command registers itself; what it does is in its own file.
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { PlumbError } from '../../schemas/errors.ts';
import type { App } from './app.ts';
import type { Handler, Register, Run } from './command.ts';
import type { CommandLine } from './command-line.ts';
import { registerApply } from './commands/apply.ts';
import { registerAudit } from './commands/audit.ts';
import { registerBackup } from './commands/backup.ts';
import { registerDataset } from './commands/dataset.ts';
import { registerDescribe } from './commands/describe.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEvent } from './commands/event.ts';
import { registerForget } from './commands/forget.ts';
import { registerGc } from './commands/gc.ts';
import { registerGet } from './commands/get.ts';
import { registerInit } from './commands/init.ts';
import { registerJobWorker } from './commands/job-worker.ts';
import { registerKey } from './commands/key.ts';
import { registerList } from './commands/list.ts';
import { registerMaterialize } from './commands/materialize.ts';
import { registerPush } from './commands/push.ts';
import { registerRun } from './commands/run.ts';
import { registerServe } from './commands/serve.ts';
import { registerServeWorker } from './commands/serve-worker.ts';
import { registerStatus } from './commands/status.ts';
import { registerStreamWorker } from './commands/stream-worker.ts';
import { registerVerify } from './commands/verify.ts';
import { reportFailure } from './failure.ts';
import { Invocation } from './invocation.ts';
import { type Io, processIo } from './io.ts';

const COMMANDS: readonly Register[] = [
  registerInit,
  registerApply,
  registerList,
  registerDescribe,
  registerStatus,
  registerDoctor,
  registerMaterialize,
  registerPush,
  registerEvent,
  registerRun,
  registerDataset,
  registerVerify,
  registerGc,
  registerForget,
  registerBackup,
  registerGet,
  registerKey,
  registerAudit,
  registerServe,
  registerServeWorker,
  registerJobWorker,
  registerStreamWorker,
];

/** The server has told them what is misspelt. */
const STARTED_BY_A_SERVER = ['job-worker', 'serve-worker', 'stream-worker'];

/** `argv` without the program's own name. Never throws; the answer is the exit code. */
export async function runCli(argv: readonly string[], app: App, io: Io = processIo()): Promise<number> {
  let exitCode = 0;
  const program = createParser(io, argv.includes('--json'));
  const run: Run =
    (handler) =>
    async (...args) => {
      if (!argv.some((arg) => STARTED_BY_A_SERVER.includes(arg))) await warnOfMisspeltVariables(io);
      const options = { ...globalOptions(program), commandLine: commandLineOf(app) };
      exitCode = await runHandler(new Invocation(app, io, options), handler, args);
    };
  for (const register of COMMANDS) register(program, run);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return usageExitCode(error, argv, io);
  }
}

const commandLineOf = (app: App): CommandLine => ({
  read: readCommand,
  run: (words, io) => runCli(words, app, io),
});

async function readCommand(words: readonly string[]): ReturnType<CommandLine['read']> {
  const nothing = { out: () => {}, err: () => {} };
  const program = createParser(nothing, true);
  let command = '';
  const note: Run =
    () =>
    async (...args) => {
      command = nameOf(args.at(-1) as Command);
    };
  for (const register of COMMANDS) register(program, note);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw new PlumbError('INVALID_REQUEST', messageOf(error));
    throw error;
  }
  return { command, namesProject: globalOptions(program).config !== null };
}

/** `dataset create`. */
const nameOf = (command: Command): string =>
  command.parent?.parent == null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

/** The contract of the project file is loaded only where there is a variable to check. */
async function warnOfMisspeltVariables(io: Io): Promise<void> {
  if (!Object.keys(io.env).some((name) => name.toUpperCase().startsWith('PLUMB_'))) return;
  const { misspeltVariables } = await import('../config/misspelt-variables.ts');
  for (const warning of misspeltVariables(io.env)) io.err(`warning: ${warning}\n`);
}

function createParser(io: Pick<Io, 'out' | 'err'>, json: boolean): Command {
  return new Command('plumb')
    .description('An online/offline feature store: one definition for training and serving.')
    .version(packageJson.version)
    .option('--json', 'one JSON document on stdout, also for errors')
    .option('--config <file>', 'the project file (default: plumb.yaml)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: io.out, writeErr: (text) => void (json || io.err(text)) })
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride();
}

function globalOptions(program: Command): { readonly json: boolean; readonly config: string | null } {
  const { json = false, config = null } = program.opts<{ json?: boolean; config?: string }>();
  return { json, config };
}

async function runHandler<Args extends readonly unknown[]>(
  invocation: Invocation,
  handler: Handler<Args>,
  args: readonly unknown[],
): Promise<number> {
  try {
    // Commander passes what the command declares, in order, and itself last.
    const code = await handler(invocation, ...(args as unknown as Args));
    return invocation.interruptedCode ?? code ?? 0;
  } catch (error) {
    const interrupted = invocation.interruptedCode;
    const failure = interrupted === null ? error : new PlumbError('CANCELLED', 'interrupted', { cause: error });
    const code = reportFailure(failure, invocation.json, invocation.io);
    return interrupted ?? code;
  }
}

/** Commander has printed its message already, unless a program is reading. */
function usageExitCode(error: unknown, argv: readonly string[], io: Io): number {
  const json = argv.includes('--json');
  if (!(error instanceof CommanderError)) return reportFailure(error, json, io);
  if (error.exitCode === 0) return 0;
  if (json) reportFailure(new PlumbError('INVALID_REQUEST', messageOf(error)), true, io);
  return 2;
}

const messageOf = ({ code, message }: CommanderError): string =>
  code.startsWith('commander.help') ? 'expected a command' : message.replace(/^error: /, '');
