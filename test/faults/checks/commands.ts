// Every command that failed said so, as it should; every one that said it succeeded did.
import { ERRORS, type ErrorCode } from '../../../schemas/errors.ts';
import { type CommandEvent, commandsOf, type Event, type FaultEvent, faultsOf, overlaps } from '../event-log.ts';
import { LEASE_MARGIN_MILLIS } from '../execute.ts';
import type { Model } from '../model.ts';
import { LEASE_TERM_MILLIS } from '../project-file.ts';
import type { Seen } from '../seen.ts';
import { isTimeout, type Said, said } from './said.ts';
import { type Violation, violation } from './violation.ts';

/** What a command may fail with because of something else than itself. */
const PASSING: readonly ErrorCode[] = [
  'CONFLICT',
  'BEHIND_WATERMARK',
  'STORE_UNAVAILABLE',
  'STORAGE_UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'NOT_APPLIED',
  'NOT_MATERIALIZED',
  'INVALID_VALUE',
];
const STACK = /\n\s+at .+:\d+:\d+|UnhandledPromise|\bnode:internal\b/;

export function checkCommands(events: readonly Event[], seen: Seen, model: Model): readonly Violation[] {
  const commands = commandsOf(events);
  return [
    ...commands.flatMap((event) =>
      checkEnd(event, passingOf(event)).map((message) => violation('command', `${nameOf(event)}: ${message}`)),
    ),
    ...commands.flatMap((event) =>
      checkUndisturbed(event, events, model).map((message) => violation('undisturbed', `${nameOf(event)}: ${message}`)),
    ),
    ...commands.flatMap((event) =>
      checkEffects(event, seen).map((message) => violation('effect', `${nameOf(event)}: ${message}`)),
    ),
    ...checkUnclaimed(events, seen),
  ];
}

/** What is to be kept may be gone. */
const passingOf = ({ command }: CommandEvent): readonly ErrorCode[] =>
  command.kind === 'keep' ? [...PASSING, 'UNKNOWN_NAME'] : PASSING;

export const nameOf = ({ command, harm }: CommandEvent): string =>
  `${Object.values(command).join(' ')}${harm === null ? '' : `, ${Object.values(harm).join(' ')}`}`;

export function checkEnd(
  event: Pick<CommandEvent, 'code' | 'out' | 'err' | 'hung' | 'wasHarmed'>,
  passing: readonly ErrorCode[] = PASSING,
): readonly string[] {
  const { code, out, err, hung, wasHarmed } = event;
  if (hung) return ['it came to no end'];
  if (STACK.test(out) || STACK.test(err)) return [`it shows a stack: ${err}${out}`];
  if (code === null) return wasHarmed ? [] : [`a signal ended it that nobody sent: ${err}`];
  const document = said(event);
  if (document === null) return [`exit ${code}, and no JSON document: ${out}${err}`];
  return code === 0 ? checkSuccess(document) : checkFailure(code, document, passing);
}

function checkSuccess({ error, runs = [] }: Said): readonly string[] {
  const failed = runs.filter(({ outcome }) => outcome === 'failed');
  return error === undefined && failed.length === 0 ? [] : [`exit 0, and it says ${JSON.stringify(error ?? failed)}`];
}

function checkFailure(code: number, { error, runs = [] }: Said, passing: readonly ErrorCode[]): readonly string[] {
  if (error === undefined) {
    const failed = runs.filter(({ outcome }) => outcome === 'failed');
    return code === 1 && failed.length > 0 && failed.every(({ notice }) => notice !== null && notice !== '')
      ? []
      : [`exit ${code} without a reason`];
  }
  if (ERRORS[error.code]?.exit !== code) return [`exit ${code} with ${error.code}: ${error.message}`];
  return passing.includes(error.code) ? [] : [`no fault explains ${error.code}: ${error.message}`];
}

/** Where nothing was in its way, it must succeed, or be refused for what was asked. */
function checkUndisturbed(event: CommandEvent, events: readonly Event[], model: Model): readonly string[] {
  if (event.code === 0 || event.code === null || isDisturbed(event, events)) return [];
  const document = said(event);
  if (document === null || isExcused(event, document, events, model)) return [];
  return [`nothing was in its way, and it failed: ${event.out}`];
}

function isDisturbed(event: CommandEvent, events: readonly Event[]): boolean {
  if (event.wasHarmed || faultsOf(events).some((fault) => fault.target !== 'server' && overlaps(fault, event)))
    return true;
  return commandsOf(events).some((other) => {
    if (other === event) return false;
    // A process that died or stood still may have left a lease behind.
    return overlaps(other, event, other.wasHarmed ? LEASE_TERM_MILLIS + LEASE_MARGIN_MILLIS : 0);
  });
}

const NO_SNAPSHOT = /has no snapshot of its present definition/;

function isExcused(
  { command, fromMillis }: CommandEvent,
  { error, runs = [] }: Said,
  events: readonly Event[],
  model: Model,
): boolean {
  const reasons = [error?.message ?? '', ...runs.map(({ notice }) => notice ?? '')];
  if (reasons.some((reason) => isTimeout(reason) || (reason !== '' && NO_SNAPSHOT.test(reason)))) return true;
  const applied = commandsOf(events).some(
    (other) => other.command.kind === 'apply' && other.toMillis < fromMillis && other.code === 0,
  );
  if (error?.code === 'NOT_APPLIED') return !applied;
  if (error?.code === 'UNKNOWN_NAME') return command.kind === 'keep' && mayBeMissing(command, fromMillis, events);
  if (error?.code === 'CONFLICT' && command.kind === 'keep') return mayBeMarked(fromMillis, events);
  return error?.code === 'INVALID_VALUE' && command.kind === 'dataset' && model.someTrainingFails();
}

/** A collection that was cut off may have marked it: then it is sure to be kept after the grace period only. */
const mayBeMarked = (byMillis: number, events: readonly Event[]): boolean =>
  commandsOf(events).some(
    ({ command, wasHarmed, fromMillis }) => command.kind === 'gc' && wasHarmed && fromMillis < byMillis,
  );

/** Nobody made it, or a collection may have removed it. */
function mayBeMissing(
  { name, version }: { readonly name: string; readonly version: number },
  byMillis: number,
  events: readonly Event[],
): boolean {
  const earlier = commandsOf(events).filter(({ fromMillis }) => fromMillis < byMillis);
  const isMade = earlier.some(
    (event) => event.command.kind === 'dataset' && event.command.name === name && said(event)?.version === version,
  );
  return !isMade || earlier.some(({ command }) => command.kind === 'gc');
}

/** What it says it made is there. */
function checkEffects(event: CommandEvent, { runs, datasets, versions }: Seen): readonly string[] {
  const document = said(event);
  if (document === null) return [];
  const { command } = event;
  if (command.kind === 'materialize') {
    return (document.runs ?? [])
      .filter(({ outcome, mode }) => outcome === 'succeeded' && mode !== 'from_snapshot')
      .filter(({ view, run }) => !runs.some((stored) => stored.view === view && stored.run === run))
      .map(({ view, run }) => `it says that run ${run} of ${view} succeeded, of which there is no manifest`);
  }
  // checks/retention.ts looks at what was collected and kept.
  if (event.code !== 0 || command.kind === 'gc' || command.kind === 'keep') return [];
  if (command.kind === 'dataset') {
    const stored = datasets.find(({ name, version }) => name === command.name && version === document.version);
    return stored?.rowCount === document.rows
      ? []
      : [
          `it says that it made ${document.name}@${document.version} with ${document.rows} rows; there is ${stored?.rowCount ?? 'none'}`,
        ];
  }
  const stored = versions.find(({ version }) => version === document.version);
  return stored?.variant === command.variant
    ? []
    : [`it says that version ${document.version} is variant ${command.variant}; it is ${stored?.variant}`];
}

/** The storage's answer may have been lost for as long as the command was patient. */
const isUnknown = (event: CommandEvent, storageFaults: readonly FaultEvent[]): boolean =>
  said(event)?.error?.code === 'STORAGE_UNAVAILABLE' && storageFaults.some((fault) => overlaps(fault, event));

/** What is there without anybody having said so was made by commands whose answer was lost, with them or on its way. */
function checkUnclaimed(events: readonly Event[], { datasets, versions }: Seen): readonly Violation[] {
  const commands = commandsOf(events);
  const storageFaults = faultsOf(events).filter(({ target }) => target === 'storage');
  const counted = (
    what: string,
    stored: number,
    fits: (event: CommandEvent) => boolean,
    isNew: (document: Said) => boolean,
  ): readonly Violation[] => {
    const own = commands.filter(fits);
    const claimed = own.filter((event) => event.code === 0 && isNew(said(event) ?? {})).length;
    const lost = own.filter((event) => event.code === null || isUnknown(event, storageFaults)).length;
    if (stored - claimed <= lost) return [];
    return [
      violation(
        'unclaimed',
        `there are ${stored} of ${what}; ${claimed} commands say that they made one, of ${lost} nobody knows`,
      ),
    ];
  };
  const names = new Set(datasets.map(({ name }) => name));
  const variants = new Set(versions.map(({ variant }) => variant));
  return [
    ...[...names].flatMap((name) =>
      counted(
        `dataset ${name}`,
        datasets.filter((dataset) => dataset.name === name).length,
        ({ command }) => command.kind === 'dataset' && command.name === name,
        () => true,
      ),
    ),
    ...[...variants].flatMap((variant) =>
      counted(
        `variant ${variant}`,
        versions.filter((version) => version.variant === variant).length,
        ({ command }) => command.kind === 'apply' && command.variant === variant,
        ({ outcome }) => outcome === 'registered',
      ),
    ),
  ];
}
