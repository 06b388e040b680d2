// Many commands, each on keys of one slot → one batch per server, and again for those that were sent on, until each has
// its outcome. Commands of one slot reach their server in the order in which they were given.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../../schemas/errors.ts';
import type { Reply } from '../command-batch.ts';
import { loadScripts, PATIENCE_MILLIS, unlessRefused } from '../patient-sender.ts';
import type { RedisConnection } from '../redis-connection.ts';
import { isNoScript, isUnavailable } from '../redis-failure.ts';
import { RespWriter } from '../resp-writer.ts';
import type { ClusterLayout, ClusterNodes } from './cluster-nodes.ts';
import { type Redirection, redirectionOf } from './redirection.ts';

export interface KeyedCommands {
  readonly count: number;
  slotOf(index: number): number;
  /** One command. */
  add(out: RespWriter, index: number): void;
  /** Of one, roughly. */
  readonly sizeBytes: number;
}

/** A reply, or why there is none. */
export type Outcome = Reply | PlumbError;

export interface Routed {
  /** One per command. */
  readonly outcomes: Outcome[];
  /** A command may have been sent more than once. */
  readonly isRepeated: boolean;
}

/** How often, and how long, what may be over in a moment is tried again. */
export interface Patience {
  readonly mostAttempts: number;
  readonly mostMillis: number;
  /** While a server is away; otherwise only where the slot has moved to another one. */
  readonly waitsForServers: boolean;
}

export const READING: Patience = { mostAttempts: 5, mostMillis: 1_000, waitsForServers: false };
export const WRITING: Patience = { mostAttempts: 1_000, mostMillis: PATIENCE_MILLIS, waitsForServers: true };

const LEAST_PAUSE_MILLIS = 5;
const LONGEST_PAUSE_MILLIS = 200;
/** Batches to one server that are under way together: one is packed while it works on another. */
const BATCHES_IN_FLIGHT = 2;

interface Open {
  readonly index: number;
  connection: RedisConnection | null;
  /** Where the key is while its slot is on its way. */
  isAsked: boolean;
  answer: Reply | Error | undefined;
}

export class RoutedCommands {
  readonly #nodes: ClusterNodes;
  readonly #stepCommands: number;

  /** `mostCommands`: of one call, in flight to one server. */
  constructor(nodes: ClusterNodes, mostCommands: number) {
    this.#nodes = nodes;
    this.#stepCommands = Math.max(1, Math.floor(mostCommands / BATCHES_IN_FLIGHT / 2));
  }

  async run(commands: KeyedCommands, patience: Patience): Promise<Routed> {
    const outcomes = new Array<Outcome>(commands.count);
    const started = performance.now();
    let open = Array.from({ length: commands.count }, (_value, index): Open => newOpen(index));
    for (let attempt = 1; ; attempt += 1) {
      const layout = await this.#nodes.layout();
      for (const one of open)
        if (!one.isAsked) one.connection = layout.owners[commands.slotOf(one.index)]?.connection ?? null;
      await this.#sendAll(commands, open);
      for (const one of open) outcomes[one.index] = outcomeOf(one, commands, this.#nodes);
      open = open.filter(({ answer }) => mayPass(answer));
      const isOver = attempt >= patience.mostAttempts || performance.now() - started >= patience.mostMillis;
      if (open.length > 0 && !isOver) open = await this.#prepare(commands, open, layout, patience, attempt);
      if (open.length === 0 || isOver) return { outcomes, isRepeated: attempt > 1 };
    }
  }

  async #sendAll(commands: KeyedCommands, open: readonly Open[]): Promise<void> {
    const byServer = new Map<RedisConnection, Open[]>();
    for (const one of open) {
      if (one.connection === null) continue;
      const group = byServer.get(one.connection);
      if (group === undefined) byServer.set(one.connection, [one]);
      else group.push(one);
    }
    await Promise.all([...byServer].map(([connection, group]) => this.#sendGroup(connection, commands, group)));
  }

  /** In steps, so that others get their turn. */
  async #sendGroup(connection: RedisConnection, commands: KeyedCommands, group: readonly Open[]): Promise<void> {
    const inFlight: Promise<void>[] = [];
    for (let from = 0; from < group.length; from += this.#stepCommands) {
      if (inFlight.length === BATCHES_IN_FLIGHT) await inFlight.shift();
      inFlight.push(sendStep(connection, commands, group.slice(from, from + this.#stepCommands)));
    }
    await Promise.all(inFlight);
  }

  /** Finds out where to send what is open; returns what is worth it. */
  async #prepare(
    commands: KeyedCommands,
    open: readonly Open[],
    layout: ClusterLayout,
    patience: Patience,
    attempt: number,
  ): Promise<Open[]> {
    const kinds = new Set(open.map(({ answer }) => kindOf(answer)));
    const forgetful = new Set(open.filter(({ answer }) => isNoScript(answer)).map(({ connection }) => connection));
    await Promise.all([...forgetful].map((connection) => connection?.send(loadScripts()).catch(unlessRefused)));
    if (kinds.has('away') || kinds.has('not_now')) await this.#nodes.refresh().catch(() => undefined);
    const latest = await this.#nodes.layout();
    for (const one of open) this.#redirect(one);
    const hasNewOwner = ({ index, connection }: Open): boolean =>
      (latest.owners[commands.slotOf(index)]?.connection ?? null) !== connection;
    const worthIt = open.filter((one) => kindOf(one.answer) !== 'away' || patience.waitsForServers || hasNewOwner(one));
    const isPassing = worthIt.some((one) => {
      const kind = kindOf(one.answer);
      return kind === 'try_again' || kind === 'not_now' || (kind === 'away' && !hasNewOwner(one));
    });
    if (isPassing && latest.fingerprint === layout.fingerprint) await sleep(pauseMillis(attempt));
    return worthIt;
  }

  #redirect(one: Open): void {
    const redirection = redirectionOf(one.answer);
    one.isAsked = false;
    if (redirection === null || !('place' in redirection)) return;
    const connection = this.#nodes.at(redirection.place);
    if (connection === null) return;
    if (redirection.kind === 'moved') this.#nodes.moved(redirection.slot, connection);
    else {
      one.connection = connection;
      one.isAsked = true;
    }
  }
}

const newOpen = (index: number): Open => ({ index, connection: null, isAsked: false, answer: undefined });

async function sendStep(connection: RedisConnection, commands: KeyedCommands, step: readonly Open[]): Promise<void> {
  const out = new RespWriter(64 + step.length * commands.sizeBytes);
  for (const { index, isAsked } of step) {
    if (isAsked) out.command('ASKING', 0);
    commands.add(out, index);
  }
  try {
    const replies = await connection.sendEach(out.finish());
    let next = 0;
    for (const one of step) {
      if (one.isAsked) next += 1;
      one.answer = replies[next];
      next += 1;
    }
  } catch (error) {
    for (const one of step) one.answer = error as Error;
  }
}

type Kind = Redirection['kind'] | 'away' | 'no_script' | 'busy' | null;

/** null: final. */
function kindOf(answer: Reply | Error | undefined): Kind {
  if (answer === undefined) return 'away';
  if (!(answer instanceof Error)) return null;
  if (isNoScript(answer)) return 'no_script';
  if (!isUnavailable(answer)) return redirectionOf(answer)?.kind ?? null;
  const { details } = answer as PlumbError;
  if ('closed' in details) return null;
  return 'busy' in details ? 'busy' : 'away';
}

const mayPass = (answer: Reply | Error | undefined): boolean => {
  const kind = kindOf(answer);
  return kind !== null && kind !== 'busy';
};

function outcomeOf({ index, connection, answer }: Open, commands: KeyedCommands, nodes: ClusterNodes): Outcome {
  if (answer === undefined || connection === null) return nobodyHas(commands.slotOf(index), nodes.text);
  return answer instanceof Error ? connection.failure(answer) : answer;
}

const nobodyHas = (slot: number, where: string): PlumbError =>
  new PlumbError(
    'STORE_UNAVAILABLE',
    `The online store, Redis at ${where}, does not answer: no server has slot ${slot}`,
    {
      privateDetails: { store: where },
      publicMessage: 'The online store does not answer: try again',
    },
  );

/** Doubles up to a limit; the random half keeps many clients from coming back in step. */
function pauseMillis(attempt: number): number {
  const pause = Math.min(LONGEST_PAUSE_MILLIS, LEAST_PAUSE_MILLIS * 2 ** Math.min(attempt, 10));
  return pause / 2 + (Math.random() * pause) / 2;
}

/** The replies; throws the first failure. */
export function requireReplies(outcomes: readonly Outcome[]): Reply[] {
  for (const outcome of outcomes) if (outcome instanceof PlumbError) throw outcome;
  return outcomes as Reply[];
}
