// When the faults have stopped, the commands of every day put everything right: nobody has to repair anything by hand.
import { isDeepStrictEqual } from 'node:util';
import { parseInstant } from '../../oracle/instants.ts';
import { parseAnswer } from '../answer.ts';
import { LEASE_MARGIN_MILLIS, type Played, type Recovery } from '../execute.ts';
import { actionsOf } from '../history.ts';
import type { Model } from '../model.ts';
import { LEASE_TERM_MILLIS } from '../project-file.ts';
import { checkEnd } from './commands.ts';
import { setMismatch } from './lookups.ts';
import { isTimeout } from './said.ts';
import { type Violation, violation } from './violation.ts';

export function checkRecovery(
  { history, recovery }: Pick<Played, 'history' | 'recovery'>,
  model: Model,
): readonly Violation[] {
  const needsDisk = actionsOf(history).some(({ kind }) => kind === 'disk');
  return [
    ...checkCommands(recovery, model),
    ...checkWait(recovery),
    ...checkStatus(recovery, history.until),
    ...checkDoctor(recovery.doctor, needsDisk),
    ...checkDatasets(recovery),
    ...checkAnswers(recovery, model),
  ];
}

const outOf = ({ commands }: Recovery, ...words: readonly string[]): string =>
  commands.find(({ args }) => words.every((word, i) => args[i] === word))?.attempts.at(-1)?.out ?? '';

function parsed<T>(out: string): T | null {
  try {
    return JSON.parse(out) as T;
  } catch {
    return null;
  }
}

function checkCommands({ commands }: Recovery, model: Model): readonly Violation[] {
  return commands.flatMap(({ args, attempts }) => {
    const last = attempts.at(-1);
    const isOverflow = args[1] === 'create' && /"INVALID_VALUE"/.test(last?.out ?? '') && model.someTrainingFails();
    const wrong = attempts
      .flatMap((attempt) => checkEnd(attempt))
      .map((message) => violation('recovery', `${args.join(' ')}: ${message}`));
    if (last?.code === 0 || isOverflow) return wrong;
    return [
      ...wrong,
      violation('recovery', `${args.join(' ')} failed ${attempts.length} times: ${last?.out}${last?.err}`),
    ];
  });
}

/** Of a materialization, in times of a command that only looks: so that a slow machine is not taken for a lease. */
const LOOKS = 5;

/** A lease whose owner has died is waited for within the command: it must not take longer than the lease may last. */
function checkWait({ commands }: Recovery): readonly Violation[] {
  const taken = (name: string): number => {
    const attempts = commands.find(({ args }) => args[0] === name)?.attempts ?? [];
    return (attempts.at(-1)?.toMillis ?? 0) - (attempts[0]?.fromMillis ?? 0);
  };
  const most = LEASE_TERM_MILLIS + LEASE_MARGIN_MILLIS + LOOKS * taken('status');
  if (taken('materialize') <= most) return [];
  return [
    violation(
      'lease',
      `materialize took ${taken('materialize')} ms, expected at most ${most}: who held the lease has died before`,
    ),
  ];
}

interface Status {
  readonly views: readonly {
    readonly view: string;
    readonly watermark: string | null;
    readonly changed: boolean;
    readonly emptied: boolean;
    readonly pendingRun: string | null;
  }[];
}

function checkStatus(recovery: Recovery, until: string): readonly Violation[] {
  const views = parsed<Status>(outOf(recovery, 'status'))?.views ?? [];
  const wrong = views.filter(({ watermark, changed, emptied, pendingRun }) => {
    return (
      watermark === null || parseInstant(watermark) !== parseInstant(until) || changed || emptied || pendingRun !== null
    );
  });
  if (views.length > 0 && wrong.length === 0) return [];
  return [violation('status', `after materialize --until ${until}: ${JSON.stringify(wrong)}`)];
}

interface Doctor {
  readonly checks: readonly { readonly name: string; readonly outcome: string; readonly found: string }[];
}

function checkDoctor(out: string | null, needsDisk: boolean): readonly Violation[] {
  if (out === null) return [];
  const checks = parsed<Doctor>(out)?.checks ?? null;
  if (checks === null) return [violation('doctor', `no document: ${out}`)];
  // The small disk that is filled in this history is too small for doctor's taste.
  const failed = checks.filter(({ name, outcome }) => outcome === 'fail' && !(needsDisk && name === 'disk space'));
  return failed.map(({ name, found }) => violation('doctor', `${name}: ${found}`));
}

interface DatasetList {
  readonly datasets: readonly { readonly name: string; readonly version: number }[];
}

/** What is listed is what manifests name: the newest version of each. */
function checkDatasets(recovery: Recovery): readonly Violation[] {
  const newest = new Map<string, number>();
  for (const { name, version } of recovery.evidence.datasets)
    newest.set(name, Math.max(version, newest.get(name) ?? 0));
  if (newest.size === 0) return [];
  const listed = parsed<DatasetList>(outOf(recovery, 'dataset', 'list'))?.datasets ?? [];
  const shown = (entries: Iterable<readonly [string, number]>): string =>
    [...entries]
      .map((entry) => entry.join('@'))
      .toSorted()
      .join(' ');
  const [found, expected] = [shown(listed.map(({ name, version }) => [name, version] as const)), shown(newest)];
  return found === expected ? [] : [violation('datasets', `listed are ${found}; manifests name ${expected}`)];
}

/** Every key, at every instant of the history: what the evaluator says of the run that is live. */
function checkAnswers({ lookups, got, evidence }: Recovery, model: Model): readonly Violation[] {
  const wrong = lookups.flatMap(({ at, status, body }) => {
    const mismatch = status === 200 ? answerMismatch(body, at, evidence, model) : `status ${status}`;
    return mismatch === undefined ? [] : [violation('online', `at ${at}: ${mismatch}: ${body}`)];
  });
  const isSame = got === null || isTimeout(got) || isDeepStrictEqual(values(lookups[0]?.body ?? ''), values(got));
  return isSame ? wrong : [...wrong, violation('get', `plumb get says ${got}, the server ${lookups[0]?.body}`)];
}

/** `plumb get` tells event times besides. */
const values = (out: string): object => ({ ...parsed<object>(out), eventTimes: null });

function answerMismatch(body: string, at: string, evidence: Recovery['evidence'], model: Model): string | undefined {
  const answer = parseAnswer(body);
  const newest = evidence.versions.at(-1)?.version;
  if (answer === null || answer.version !== newest) return `version ${answer?.version}, expected ${newest}`;
  const variant = model.variantOf(answer.version) ?? 0;
  const entries = model.entriesOf(variant);
  for (const view of new Set(entries.map((entry) => entry.view))) {
    const live = evidence.live.find((one) => one.view === view)?.run;
    const set = evidence.runs.filter((stored) => stored.view === view && stored.run === live);
    const mismatch = setMismatch(model, set, view, entries, variant, answer, at);
    if (mismatch !== undefined) return `${view}, ${mismatch}`;
  }
  return undefined;
}
