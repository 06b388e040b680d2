// plumb push SOURCE FILE: events of a file into the log of the project.
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import { requireSource } from '../../catalog/look-up.ts';
import { count, counted } from '../../counted.ts';
import type { Push } from '../../ingest/push/push.ts';
import type { Json } from '../../json-value.ts';
import type { Register } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { wholeNumber } from '../number-option.ts';
import { createProgress } from '../progress.ts';
import { EVENT_FORMATS, type EventFormat, formatOf, readEvents } from '../push/read-events.ts';
import { table } from '../table.ts';

interface Options {
  readonly format?: EventFormat;
  readonly onError: 'reject_all' | 'accept_valid';
  readonly batch: number;
  readonly fromRow: number;
}

const MOST_BATCH = 10_000;
const MOST_LISTED = 100;

interface Pushed {
  readonly source: string;
  rows: number;
  accepted: number;
  duplicates: number;
  differing: number;
  ignored: number;
  rejectedCount: number;
  /** The first of them. */
  readonly rejected: { readonly row: number; readonly path: string; readonly message: string }[];
}

export const registerPush: Register = (program, run) => {
  program
    .command('push <source> <file>')
    .description('put the events of a file (.csv, .jsonl, .parquet; - for JSON lines of standard input) into the log')
    .option(
      '--format <format>',
      `of the file: ${EVENT_FORMATS.join(', ')} (default: by the end of its name)`,
      parseFormat,
    )
    .option(
      '--on-error <rule>',
      'reject_all: stop at a batch with an event that cannot be used; accept_valid: leave it out',
      parseRule,
      'reject_all',
    )
    .option('--batch <n>', 'events that become durable together', wholeNumber(1, MOST_BATCH), 1000)
    .option(
      '--from-row <n>',
      'leave out the rows before; to go on after a failure',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      1,
    )
    .action(run(push));
};

async function push(invocation: Invocation, name: string, file: string, options: Options): Promise<number> {
  const { io } = invocation;
  const config = await invocation.config();
  const format = options.format ?? (file === '-' ? 'jsonl' : formatOf(file));
  using _interruptible = invocation.interruptible();
  await using ingest = await invocation.app.openIngest(config, invocation.openOptions());
  const source = requireSource(await ingest.catalog(), name);
  const input = { source, path: file === '-' ? null : resolve(io.cwd, file), text: () => io.stdin(), format };
  using progress = createProgress(io);
  const events = readEvents({ ...input, rows: ingest.rows, signal: invocation.openOptions().signal });
  const pushed = await pushAll(ingest.push, { events, name, options }, (rows) =>
    progress.update({ label: `${name} pushing`, rowsDone: rows, rowsTotal: null, unit: 'events' }),
  );
  progress[Symbol.dispose]();
  invocation.result(pushed, () => pushedText(pushed));
  return 0;
}

interface Pushing {
  readonly events: AsyncIterable<Json>;
  readonly name: string;
  readonly options: Options;
}

/** What was pushed stays: an error says from which row to go on. */
async function pushAll(
  push: Push,
  { events, name, options }: Pushing,
  onRows: (rows: number) => void,
): Promise<Pushed> {
  const pushed: Pushed = {
    source: name,
    rows: 0,
    accepted: 0,
    duplicates: 0,
    differing: 0,
    ignored: 0,
    rejectedCount: 0,
    rejected: [],
  };
  let [batch, row, done]: [Json[], number, number] = [[], 0, options.fromRow - 1];
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    const { answer } = await push.push({ source: name, events: batch, onError: options.onError, by: null });
    const { accepted, duplicates, differing, ignored, rejected } = answer;
    if (options.onError === 'reject_all' && rejected.length > 0) throw refused(done, rejected);
    pushed.rows += batch.length;
    pushed.accepted += accepted;
    pushed.duplicates += duplicates;
    pushed.differing += differing.length;
    pushed.ignored += ignored;
    pushed.rejectedCount += rejected.length;
    for (const { index, path, message } of rejected.slice(0, MOST_LISTED - pushed.rejected.length))
      pushed.rejected.push({ row: done + index + 1, path, message });
    done += batch.length;
    batch = [];
    onRows(done);
  };
  try {
    for await (const event of events) {
      row += 1;
      if (row < options.fromRow) continue;
      if (batch.push(event) === options.batch) await send();
    }
    await send();
  } catch (error) {
    throw goOnFrom(error, done, options);
  }
  return pushed;
}

function refused(
  done: number,
  rejected: readonly { readonly index: number; readonly path: string; readonly message: string }[],
): PlumbError {
  const [first] = rejected;
  const place = `row ${done + (first?.index ?? 0) + 1}${first?.path ? `, ${first.path}` : ''}`;
  const more = rejected.length === 1 ? '' : `, and ${counted(rejected.length - 1, 'more event')} of its batch`;
  return new PlumbError(
    'INVALID_EVENTS',
    `${place}: ${first?.message}${more}; --on-error accept_valid leaves such events out`,
    {
      details: { row: done + (first?.index ?? 0) + 1, path: first?.path ?? '' },
    },
  );
}

function goOnFrom(error: unknown, done: number, { fromRow }: Options): unknown {
  if (!(error instanceof PlumbError) || done < fromRow) return error;
  const { code, details, cause } = error;
  const message = `${error.message}; the rows before ${done + 1} are pushed: go on with --from-row ${done + 1}`;
  return new PlumbError(code, message, { details: { ...details, fromRow: done + 1 }, cause });
}

function pushedText({ source, accepted, duplicates, differing, ignored, rejectedCount, rejected }: Pushed): string {
  const others = [
    duplicates === 0
      ? ''
      : `, ${counted(duplicates, 'duplicate')}${differing === 0 ? '' : `, ${count(differing)} of them with other values`}`,
    ignored === 0 ? '' : `, ${count(ignored)} of the time that history tells`,
    rejectedCount === 0 ? '' : `, ${count(rejectedCount)} rejected`,
  ].join('');
  const lines = rejected.map(({ row, path, message }) => [row, path, message]);
  const list = lines.length === 0 ? '' : `\n${table(['row', 'column', 'why'], lines)}`;
  return `${counted(accepted, 'event')} of ${source} accepted${others}.${list}`;
}

function parseFormat(text: string): EventFormat {
  const format = EVENT_FORMATS.find((one) => one === text);
  if (format === undefined) throw new InvalidArgumentError(`expected one of ${EVENT_FORMATS.join(', ')}`);
  return format;
}

function parseRule(text: string): Options['onError'] {
  if (text === 'reject_all' || text === 'accept_valid') return text;
  throw new InvalidArgumentError('expected reject_all or accept_valid');
}
