// From a seed: a history. First the project is set up, mostly undisturbed; then come rounds in which something is done and
// something goes wrong.
import { parseInstant } from '../oracle/instants.ts';
import { Random } from '../oracle/random.ts';
import type { JsonRow } from '../oracle/world.ts';
import type { ProxyFault } from '../servers/tcp-proxy.ts';
import type { Failpoints } from './failpoints.ts';
import { type GrowingWorld, growingWorld, isReadAfter } from './fault-world.ts';
import type { Act, Action, Command, FaultWorld, Harm, History, OnlineKind, StorageKind } from './history.ts';
import { LEASE_TERM_MILLIS } from './project-file.ts';
import { withRetention } from './retention-rounds.ts';

export interface HistoryOptions {
  readonly failpoints: Failpoints;
  readonly online: OnlineKind | null;
  readonly storage: StorageKind | null;
  /** Whether a small disk can be mounted. */
  readonly disk: boolean;
}

export function randomHistory(seed: number, options: HistoryOptions): History {
  return new HistoryBuilder(seed, options).build();
}

/** Most commands take so long on a machine that does little else. */
const COMMAND_MILLIS = 700;
const MOST_ROUNDS = 4;

class HistoryBuilder {
  #random: Random;
  readonly #seed: number;
  readonly #options: HistoryOptions;
  readonly #online: OnlineKind;
  readonly #storage: StorageKind;
  readonly #world: GrowingWorld;
  /** Position in `untils` of the greatest T so far; what is appended must be read by runs from there on. */
  #until = 0;
  #variant = 0;
  #datasets = 0;
  /** Per append: the greatest T before it. */
  readonly #appendedAfter: string[] = [];

  constructor(seed: number, options: HistoryOptions) {
    this.#random = new Random(seed ^ 0x5eed);
    this.#seed = seed;
    this.#options = options;
    this.#online = options.online ?? this.#random.pick(['lmdb', 'redis', 'redis'] as const);
    this.#storage = options.storage ?? this.#random.pick(['file', 'file', 's3'] as const);
    this.#world = growingWorld(seed);
    this.#until = this.#random.int(0, Math.floor(this.#world.untils.length / 2));
  }

  build(): History {
    const random = this.#random;
    const rounds: (readonly Act[])[] = [
      [{ afterMillis: 0, action: this.#command({ kind: 'apply', variant: 0 }, 0.15) }],
      [
        { afterMillis: 0, action: this.#command(this.#materialize('incremental'), 0.4) },
        ...(random.chance(0.3) ? [this.#environment()] : []),
      ],
    ];
    for (let count = random.int(2, MOST_ROUNDS); count > 0; count -= 1) rounds.push(...this.#round());
    const world = this.#grown();
    return {
      seed: this.#seed,
      online: this.#online,
      storage: this.#storage,
      world,
      rounds: this.#withRetention(this.#withRestarts(rounds)),
      until: this.#world.untils.at(-1) as string,
    };
  }

  /** Drawn apart, so that the rest of the history is what it is without them. */
  #withRestarts(rounds: readonly (readonly Act[])[]): readonly (readonly Act[])[] {
    const random = new Random(this.#seed ^ 0x5709);
    if (this.#storage !== 's3') return rounds;
    return rounds.map((round, i) => {
      if (i < 1 || !random.chance(0.3)) return round;
      const action = { kind: 'storage', fault: 'restart', downMillis: random.int(0, 1500) } as const;
      return [...round, { afterMillis: random.int(0, COMMAND_MILLIS), action }];
    });
  }

  #withRetention(rounds: readonly (readonly Act[])[]): readonly (readonly Act[])[] {
    this.#random = new Random(this.#seed ^ 0x6c);
    const views = this.#world.variants[0]?.featureViews.map(({ name }) => name) ?? [];
    const harm = (command: Command): Harm => this.#harm(command);
    return withRetention(rounds, { random: this.#random, online: this.#online, harm, views });
  }

  #round(): (readonly Act[])[] {
    const random = this.#random;
    if (this.#online === 'lmdb' && random.chance(0.08)) return [[this.#emptied()]];
    if (random.chance(0.15)) return [[this.#append()], [this.#contest()]];
    const before = random.chance(0.45) ? [[this.#append()]] : [];
    const count = random.pick([1, 1, 1, 2, 2, 3]);
    const commands = Array.from({ length: count }, (): Act => {
      return { afterMillis: count === 1 ? 0 : random.int(0, 250), action: this.#command(this.#anyCommand(), 0.5) };
    });
    const appended = random.chance(0.1) ? [this.#append()] : [];
    const environment = random.chance(0.6) ? [this.#environment()] : [];
    return [...before, [...commands, ...appended, ...environment]];
  }

  /** A materialization stands still wherever it may, and another one overtakes it. */
  #contest(): Act {
    const failpoints = this.#options.failpoints.materialize.filter((name) => name.startsWith('materialize.'));
    const paused = this.#materialize(this.#random.pick(['incremental', 'incremental', 'full', 'from_snapshot']));
    const overtaking = this.#materialize(this.#random.pick(['incremental', 'incremental', 'full', 'from_snapshot']));
    const action = { kind: 'command', command: overtaking, harm: null } as const;
    const harm = { kind: 'meanwhile', failpoint: this.#random.pick(failpoints), action } as const;
    return { afterMillis: 0, action: { kind: 'command', command: paused, harm } };
  }

  #anyCommand(): Command {
    const random = this.#random;
    const kind = random.pick(['materialize', 'materialize', 'materialize', 'dataset', 'apply'] as const);
    if (kind === 'materialize')
      return this.#materialize(random.pick(['incremental', 'incremental', 'incremental', 'full', 'from_snapshot']));
    if (kind === 'dataset') {
      this.#datasets += 1;
      return { kind, name: random.chance(0.3) ? 'shared' : `set${this.#datasets}` };
    }
    this.#variant = (this.#variant + random.int(0, this.#world.variants.length - 1)) % this.#world.variants.length;
    return { kind, variant: this.#variant };
  }

  #materialize(mode: Extract<Command, { kind: 'materialize' }>['mode']): Command {
    const random = this.#random;
    const { untils, variants } = this.#world;
    if (random.chance(0.7)) this.#until = Math.min(untils.length - 1, this.#until + random.int(0, 2));
    const views = variants[0]?.featureViews.map(({ name }) => name) ?? [];
    // A full run may go back in time.
    const until =
      mode === 'full' && random.chance(0.3) ? random.pick(untils.slice(0, this.#until + 1)) : untils[this.#until];
    return {
      kind: 'materialize',
      views: random.chance(0.3) ? [random.pick(views)] : null,
      until: until as string,
      mode,
    };
  }

  #command(command: Command, harmed: number): Action {
    return { kind: 'command', command, harm: this.#random.chance(harmed) ? this.#harm(command) : null };
  }

  #harm(command: Command): Harm {
    const random = this.#random;
    const times = random.chance(0.6) ? 1 : random.int(2, 4);
    const failpoint = `${random.pick(this.#options.failpoints[command.kind])}${times === 1 ? '' : `:${times}`}`;
    const millis = random.chance(0.5) ? LEASE_TERM_MILLIS + random.int(100, 800) : random.int(50, 500);
    switch (
      random.pick(['kill_at', 'kill_at', 'kill_after', 'pause_at', 'pause_after', 'meanwhile', 'meanwhile'] as const)
    ) {
      case 'kill_at':
        return { kind: 'kill_at', failpoint };
      case 'kill_after':
        return { kind: 'kill_after', millis: random.int(100, COMMAND_MILLIS) };
      case 'pause_at':
        return { kind: 'pause_at', failpoint, millis };
      case 'pause_after':
        return { kind: 'pause_after', afterMillis: random.int(150, COMMAND_MILLIS), millis };
      case 'meanwhile':
        return { kind: 'meanwhile', failpoint, action: this.#meanwhile() };
    }
  }

  #meanwhile(): Action {
    const isCommand = this.#random.chance(0.4);
    return isCommand ? { kind: 'command', command: this.#anyCommand(), harm: null } : this.#environment().action;
  }

  #environment(): Act {
    const random = this.#random;
    const afterMillis = random.int(0, COMMAND_MILLIS);
    const kinds = [
      'server' as const,
      ...(this.#options.disk && this.#storage === 'file' ? (['disk'] as const) : []),
      ...(this.#storage === 's3' ? (['storage', 'storage', 'storage'] as const) : []),
      ...(this.#online === 'redis' ? (['network', 'network', 'network', 'store', 'store'] as const) : []),
    ];
    switch (random.pick(kinds)) {
      case 'server':
        return {
          afterMillis,
          action: { kind: 'server', fault: random.pick(['kill', 'pause']), millis: random.int(0, 600) },
        };
      case 'disk': {
        const freeBytes = 1024 * random.pick([0, 4, 16, 64, 256]);
        return { afterMillis: random.int(0, 300), action: { kind: 'disk', freeBytes, millis: random.int(200, 900) } };
      }
      case 'network':
        return {
          afterMillis,
          action: { kind: 'network', of: 'store', fault: this.#networkFault(), millis: random.int(50, 1800) },
        };
      case 'storage':
        return {
          afterMillis,
          action: { kind: 'network', of: 'storage', fault: this.#networkFault(), millis: random.int(50, 1800) },
        };
      case 'store':
        return {
          afterMillis,
          action: {
            kind: 'store',
            fault: random.pick(['restart', 'restart_empty', 'flush']),
            downMillis: random.int(0, 500),
          },
        };
    }
  }

  #networkFault(): ProxyFault {
    const random = this.#random;
    const kind = random.pick([
      'cut',
      'reset',
      'black_hole',
      'delay',
      'throttle',
      'half_open',
      'lose_answers',
      'drop_after',
    ] as const);
    switch (kind) {
      case 'delay':
        return { kind, millis: random.int(5, 400) };
      case 'throttle':
        return { kind, bytesPerSecond: random.pick([2_000, 20_000]) };
      case 'drop_after':
        return { kind, bytes: random.int(0, 3000) };
      default:
        return { kind };
    }
  }

  /** Nobody may have the folder open, so this stands alone. */
  #emptied(): Act {
    return { afterMillis: 0, action: { kind: 'store', fault: 'restart_empty', downMillis: 0 } };
  }

  #append(): Act {
    this.#appendedAfter.push(this.#world.untils[this.#until] as string);
    return { afterMillis: 0, action: { kind: 'append', chunk: this.#appendedAfter.length } };
  }

  /** Rows go into some append after which every run still reads them; else they are there from the start. */
  #grown(): FaultWorld {
    const { rows, untils: _untils, ...world } = this.#world;
    const chunks = Array.from({ length: this.#appendedAfter.length + 1 }, (): Record<string, JsonRow[]> => ({}));
    for (const { source, row } of rows) {
      const fits = this.#appendedAfter.flatMap((until, i) =>
        isReadAfter(world.variants, source, parseInstant(until), row) ? [i + 1] : [],
      );
      const chunk = fits.length > 0 && this.#random.chance(0.7) ? this.#random.pick(fits) : 0;
      const bySource = chunks[chunk] as Record<string, JsonRow[]>;
      bySource[source.name] = [...(bySource[source.name] ?? []), row];
    }
    return { ...world, chunks };
  }
}
