// Plays a history against real processes and answers what happened and what was found. Judges nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyFault } from '../servers/tcp-proxy.ts';
import { ageVersions } from './aging.ts';
import { type Event, type FaultEvent, type LookupEvent, nowMillis } from './event-log.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { type EndedProcess, runPlumb } from './harmed-process.ts';
import {
  type Action,
  actionsOf,
  type Command,
  type FaultWorld,
  faultNames,
  type Harm,
  type History,
} from './history.ts';
import { type HistoryOnline, ONLINE } from './online-kinds.ts';
import { definitionsFolder, LABELS_FILE, LEASE_TERM_MILLIS, writeChunk, writeProject } from './project-file.ts';
import { keepAsking, lookup, ProjectServer } from './project-server.ts';
import { type HistoryStorage, STORAGE } from './storage-kinds.ts';

export interface Played {
  readonly history: History;
  readonly events: readonly Event[];
  /** After each round, when nothing runs. */
  readonly between: readonly Evidence[];
  readonly recovery: Recovery;
  readonly serverLog: string;
}

/** When the faults have stopped: what it takes to put everything right, and what is there then. */
export interface Recovery {
  readonly fromMillis: number;
  /** The commands that an operator would run, each until it succeeds or may no longer be excused. */
  readonly commands: readonly RecoveryCommand[];
  /** The server, at every instant that the history asks about; first at the T of the materialization. */
  readonly lookups: readonly LookupEvent[];
  /** `plumb get` at that first instant, and `plumb doctor`; null where they were not asked. */
  readonly got: string | null;
  readonly doctor: string | null;
  /** What was there before `gc` ran, once more and undisturbed; null where the history has none. */
  readonly uncollected: Evidence | null;
  readonly evidence: Evidence;
}

export interface RecoveryCommand {
  readonly args: readonly string[];
  readonly attempts: readonly EndedProcess[];
}

/** A file name that no dataset of a history has. */
export const LAST_DATASET = 'recovered';
/** How long after its term a lease of a process that died may still be in the way. */
export const LEASE_MARGIN_MILLIS = 2000;
const RETRY_MILLIS = 250;
const BEGUN_MILLIS = 50;
/** Node keeps what it compiled, for all processes of all histories. */
const COMPILED = join(tmpdir(), 'plumb-faults-compiled');

export async function execute(history: History): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-faults-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const needsDisk = actionsOf(history).some(({ kind }) => kind === 'disk');
  const storage = stack.use(await STORAGE[history.storage](folder, needsDisk));
  const env = { ...storage.env, NODE_COMPILE_CACHE: COMPILED, PLUMB_DEFINITIONS: definitionsFolder(0) };
  const server = new ProjectServer(folder, env);
  const online = stack.use(await ONLINE[history.online](folder, server));
  stack.use(server);
  await writeProject(folder, history.world, { ...storage.section, online: online.section });
  return await new Execution(history, { folder, env, storage, online, server }).run();
}

interface Parts {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly storage: HistoryStorage;
  readonly online: HistoryOnline;
  readonly server: ProjectServer;
}

class Execution {
  readonly #history: History;
  readonly #parts: Parts;
  readonly #events: Event[] = [];
  /** What was begun while a process stood still, and goes on. */
  readonly #lasting: Promise<void>[] = [];
  readonly #turns = new Map<FaultEvent['target'], Promise<void>>();

  constructor(history: History, parts: Parts) {
    this.#history = history;
    this.#parts = parts;
  }

  async run(): Promise<Played> {
    const { server } = this.#parts;
    const { world, rounds } = this.#history;
    const between: Evidence[] = [];
    await server.start();
    const stop = new AbortController();
    const asking = keepAsking(server, world, this.#events, stop.signal);
    try {
      for (const round of rounds) {
        await Promise.all(round.map(({ afterMillis, action }) => sleep(afterMillis).then(() => this.#act(action))));
        await Promise.all(this.#lasting.splice(0));
        between.push(await this.#evidence());
      }
    } finally {
      stop.abort();
      await asking;
    }
    const recovery = await this.#recover();
    const events = this.#events.toSorted((a, b) => a.fromMillis - b.fromMillis);
    return { history: this.#history, events, between, recovery, serverLog: server.log };
  }

  async #act(action: Action): Promise<void> {
    const fromMillis = nowMillis();
    if (action.kind === 'command') return await this.#command(action.command, action.harm);
    if (action.kind === 'append') {
      await writeChunk(this.#parts.folder, this.#history.world, action.chunk);
      this.#events.push({ kind: 'append', chunk: action.chunk, fromMillis, toMillis: nowMillis() });
      return;
    }
    if (action.kind === 'age') return await this.#age();
    const target = action.kind === 'network' ? action.of : action.kind;
    await this.#inTurn(target, async () => {
      const fromMillis = nowMillis();
      await this.#disturb(action);
      const [name = ''] = faultNames({ afterMillis: 0, action });
      const emptied = action.kind === 'store' && action.fault !== 'restart';
      this.#events.push({ kind: 'fault', name, target, emptied, fromMillis, toMillis: nowMillis() });
    });
  }

  async #age(): Promise<void> {
    const fromMillis = nowMillis();
    const { storage } = this.#parts;
    await using store = storage.open();
    await ageVersions(store);
    await storage.age();
    this.#events.push({ kind: 'age', fromMillis, toMillis: nowMillis() });
  }

  /** One thing is done to a target at a time: the end of one fault would end the other. */
  #inTurn(target: FaultEvent['target'], work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(target) ?? Promise.resolve()).then(work);
    this.#turns.set(
      target,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #disturb(action: Exclude<Action, { readonly kind: 'command' | 'append' | 'age' }>): Promise<void> {
    const { online, storage, server } = this.#parts;
    switch (action.kind) {
      case 'network':
        return await disturbFor(action.of === 'store' ? online : storage, action.fault, action.millis);
      case 'store':
        if (action.fault === 'flush') return await online.flush();
        return await online.restart(action.fault === 'restart_empty', action.downMillis);
      case 'storage':
        return await storage.restart(action.downMillis);
      case 'disk':
        await storage.fill(action.freeBytes);
        await sleep(action.millis);
        return await storage.free();
      case 'server':
        if (action.fault === 'pause') return await server.pause(action.millis);
        await server.kill();
        await sleep(action.millis);
        return await server.start();
    }
  }

  async #command(command: Command, harm: Harm | null): Promise<void> {
    const args = argsOf(command, this.#history.world);
    const act = (action: Action): Promise<void> => this.#actMeanwhile(action);
    const ended = await runPlumb(this.#parts.folder, args, this.#envOf(command), harm, act);
    this.#events.push({ kind: 'command', command, harm, ...ended });
  }

  /** A command or a restart is waited for; what lasts for a while has begun. */
  async #actMeanwhile(action: Action): Promise<void> {
    const acting = this.#act(action);
    if (action.kind !== 'network' && action.kind !== 'disk') return await acting;
    this.#lasting.push(acting);
    await sleep(BEGUN_MILLIS);
  }

  #envOf(command: Command): Readonly<Record<string, string>> {
    const { env } = this.#parts;
    return command.kind === 'apply' ? { ...env, PLUMB_DEFINITIONS: definitionsFolder(command.variant) } : env;
  }

  async #evidence(): Promise<Evidence> {
    await using store = this.#parts.storage.open();
    await using online = await this.#parts.online.open();
    return await readEvidence(store, online);
  }

  async #recover(): Promise<Recovery> {
    const { folder, env, online, storage, server } = this.#parts;
    const { world, until } = this.#history;
    const fromMillis = nowMillis();
    online.heal();
    storage.heal();
    await storage.free();
    if (server.url === null) await server.start();
    const { versions, datasets } = await this.#evidence();
    const variant = versions.at(-1)?.variant ?? 0;
    // What only a person would look at is looked at in every third history: a command takes as long as a round.
    const looksAt = (third: number): boolean => this.#history.seed % 3 === third;
    const apply = ['apply', '--json'];
    const isApplied = versions.length > 0 && !looksAt(0);
    const commands = isApplied ? [] : [await this.#insist(apply, { PLUMB_DEFINITIONS: definitionsFolder(variant) })];
    commands.push(await this.#insist(['materialize', '--until', until, '--json']));
    const more = [
      ['status', '--json'],
      ...(looksAt(1) ? [argsOf({ kind: 'dataset', name: LAST_DATASET }, world)] : []),
      ...(datasets.length > 0 || looksAt(1) ? [['dataset', 'list', '--json']] : []),
    ];
    for (const args of more) commands.push(await this.#insist(args));
    const uncollected = collects(this.#history) ? await this.#collected(commands) : null;
    const lookups: LookupEvent[] = [];
    for (const at of new Set([until, ...world.ats])) lookups.push(await this.#answered(at));
    const doctor = looksAt(0) ? (await runPlumb(folder, ['doctor', '--json'], env, null)).out : null;
    const got = looksAt(2) ? (await runPlumb(folder, this.#getArgs(), env, null)).out : null;
    return { fromMillis, commands, lookups, got, doctor, uncollected, evidence: await this.#evidence() };
  }

  /** The first one goes on from where one that was cut off came to, the second one begins at the start. */
  async #collected(commands: RecoveryCommand[]): Promise<Evidence> {
    await this.#age();
    const before = await this.#evidence();
    for (let collections = 0; collections < 2; collections += 1) commands.push(await this.#insist(['gc', '--json']));
    return before;
  }

  #getArgs(): readonly string[] {
    const { world, until } = this.#history;
    const entities = world.entities.map((entity) => JSON.stringify(entity));
    return ['get', '--service', world.service, '--at', until, '--json', '--entity', ...entities];
  }

  /** Again while leases of processes that died may be in the way. */
  async #insist(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RecoveryCommand> {
    const giveUpAt = nowMillis() + LEASE_TERM_MILLIS + LEASE_MARGIN_MILLIS;
    const attempts: EndedProcess[] = [];
    for (;;) {
      const ended = await runPlumb(this.#parts.folder, args, { ...this.#parts.env, ...env }, null);
      attempts.push(ended);
      if (ended.code === 0 || nowMillis() > giveUpAt) return { args, attempts };
      await sleep(RETRY_MILLIS);
    }
  }

  /** Again while the server finds its way back to the store, and to the newest version. */
  async #answered(at: string): Promise<LookupEvent> {
    const giveUpAt = nowMillis() + RECONNECT_MILLIS;
    for (;;) {
      const event = await lookup(this.#parts.server.url, this.#history.world, at);
      if (event.status === 200 || nowMillis() > giveUpAt) return event;
      await sleep(RETRY_MILLIS);
    }
  }
}

async function disturbFor(
  store: Pick<HistoryOnline, 'disturb' | 'heal'>,
  fault: ProxyFault,
  millis: number,
): Promise<void> {
  store.disturb(fault);
  await sleep(millis);
  store.heal();
}

const collects = (history: History): boolean =>
  actionsOf(history).some((action) => action.kind === 'command' && action.command.kind === 'gc');

const gcArgs = ({ limit, dryRun }: Extract<Command, { kind: 'gc' }>): readonly string[] => [
  ...['gc', '--json'],
  ...(limit === null ? [] : ['--limit', String(limit)]),
  ...(dryRun ? ['--dry-run'] : []),
];

/** Longest pause between two attempts to connect, and what an attempt takes. */
const RECONNECT_MILLIS = 6000;

function argsOf(command: Command, { service, labels }: FaultWorld): readonly string[] {
  switch (command.kind) {
    case 'apply':
      return ['apply', '--json'];
    case 'gc':
      return gcArgs(command);
    case 'keep':
      return [
        'dataset',
        'keep',
        `${command.name}@${command.version}`,
        ...(command.release ? ['--release'] : []),
        '--json',
      ];
    case 'dataset': {
      const read = ['--labels', LABELS_FILE, '--timestamp-column', labels.timestampColumn];
      return ['dataset', 'create', '--service', service, ...read, '--name', command.name, '--json'];
    }
    case 'materialize': {
      const mode = command.mode === 'incremental' ? [] : [`--${command.mode.replace('_', '-')}`];
      return ['materialize', ...(command.views ?? []), '--until', command.until, ...mode, '--json'];
    }
  }
}
