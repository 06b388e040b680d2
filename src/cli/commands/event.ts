// plumb event trace, rejected: where was this record dropped?

import { requireSource } from '../../catalog/look-up.ts';
import type { DeadLetter } from '../../ingest/event-log.ts';
import { formatInstant, nowMicros } from '../../instant.ts';
import type { EventTrace, TracedView } from '../../materialize/streams/trace-event.ts';
import type { Register } from '../command.ts';
import { parseMillis } from '../duration-option.ts';
import type { Invocation } from '../invocation.ts';
import { wholeNumber } from '../number-option.ts';
import { facts, section, table } from '../table.ts';

interface RejectedOptions {
  /** Milliseconds. */
  readonly since: number;
  readonly limit: number;
}

const SINCE = '1d';
const MOST_LISTED = 10_000;

export const registerEvent: Register = (program, run) => {
  const event = program.command('event').description('events that were pushed');
  event
    .command('trace <source> <id>')
    .description('tell where an event went: when it was received, whether it counts, in which views')
    .action(run(trace));
  event
    .command('rejected <source>')
    .description('list events that could not be used, with the reason, where the source keeps them (deadLetters)')
    .option('--since <duration>', 'how far back', parseMillis, parseMillis(SINCE))
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST_LISTED), 100)
    .action(run(rejected));
};

async function trace(invocation: Invocation, source: string, id: string): Promise<number> {
  const config = await invocation.config();
  await using ingest = await invocation.app.openIngest(config, invocation.openOptions());
  const found = await ingest.trace(source, id);
  invocation.result(plain(found), () => traceText(found));
  return found.position === null && found.rejected.length === 0 ? 1 : 0;
}

async function rejected(invocation: Invocation, name: string, { since, limit }: RejectedOptions): Promise<number> {
  const config = await invocation.config();
  await using ingest = await invocation.app.openIngest(config, invocation.openOptions());
  const { stream } = requireSource(await ingest.catalog(), name);
  const letters = await ingest.rejected(name, nowMicros() - BigInt(since) * 1000n, limit);
  const isKept = stream?.deadLettersMicros != null;
  invocation.result({ source: name, isKept, rejected: letters.map(plainLetter) }, () =>
    isKept || letters.length > 0
      ? lettersText(letters)
      : `Source ${name} keeps no rejected events: it has no deadLetters.`,
  );
  return 0;
}

const plainLetter = ({ rejectedMicros, ...letter }: DeadLetter) => ({ at: formatInstant(rejectedMicros), ...letter });

const plain = ({ position, received, rejected: letters, ...found }: EventTrace) => ({
  ...found,
  position: position === null ? null : { ...position, offset: String(position.offset) },
  received: received === null ? null : { at: formatInstant(received.appendMicros), by: received.by },
  views: found.views.map(({ key, ...view }) => ({ ...view, key: key === null ? null : plainKey(key) })),
  rejected: letters.map(plainLetter),
});

const plainKey = (key: NonNullable<TracedView['key']>) =>
  Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );

function traceText({
  source,
  id,
  position,
  received,
  lakePart,
  isIgnored,
  views,
  rejected: letters,
}: EventTrace): string {
  if (position === null && letters.length === 0)
    return `The log of ${source} knows no event ${id}, or knows it no more.`;
  const known =
    position === null
      ? []
      : [
          ['position', `partition ${position.partition}, offset ${position.offset}, epoch ${position.epoch}`] as const,
          ['received', received === null ? 'it has left the log' : formatInstant(received.appendMicros)] as const,
          ['by key', received?.by ?? null] as const,
          ['part of the lake', lakePart ?? 'not in the lake yet'] as const,
          ...(isIgnored ? [['ignored', 'it is stamped before the end of history'] as const] : []),
        ];
  const rows = views.map(({ view, outcome, key, isApplied }) => [
    view,
    OUTCOMES[outcome],
    key === null ? null : JSON.stringify(plainKey(key)),
    isApplied === null ? 'the view is not live' : isApplied ? 'yes' : 'not yet',
  ]);
  return [
    `Event ${id} of ${source}\n`,
    known.length === 0 ? 'It is not in the log.\n' : section('In the log', facts(known)),
    ...(rows.length === 0 ? [] : [section('Views', table(['view', 'it', 'key', 'lookups see it'], rows))]),
    ...(letters.length === 0 ? [] : [section('Rejected', lettersText(letters))]),
  ].join('\n');
}

const OUTCOMES: Readonly<Record<TracedView['outcome'], string>> = {
  counts: 'counts',
  left_out: 'is left out: by where, a null key or an erasure',
  invalid: 'counts as INVALID: an expression fails on it',
};

const MOST_TEXT = 60;

const lettersText = (letters: readonly DeadLetter[]): string =>
  letters.length === 0
    ? 'None was rejected.'
    : table(
        ['at', 'column', 'why', 'by key', 'event'],
        letters.map(({ rejectedMicros, path, reason, by, text }) => [
          formatInstant(rejectedMicros),
          path,
          reason,
          by,
          text.slice(0, MOST_TEXT),
        ]),
      );
