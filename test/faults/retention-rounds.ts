// Rounds of retention between those of a history: more runs and datasets than stay, days that pass, collections that are
// disturbed. Drawn apart, so that the rest of the history is what it is without them.
import { parseInstant } from '../oracle/instants.ts';
import type { Random } from '../oracle/random.ts';
import { type Act, type Action, actionsOf, type Command, type Harm, type OnlineKind } from './history.ts';

type Round = readonly Act[];

export interface RetentionParts {
  readonly random: Random;
  readonly online: OnlineKind;
  /** Of one that collects. */
  readonly harm: (command: Command) => Harm;
  readonly views: readonly string[];
}

const MOST_BLOCKS = 2;
const DATASET = 'shared';

export function withRetention(rounds: readonly Round[], parts: RetentionParts): readonly Round[] {
  const { random } = parts;
  if (!random.chance(0.6)) return rounds;
  const places = random.sample(rounds.map((_, i) => i).slice(1), random.int(1, MOST_BLOCKS));
  return rounds.flatMap((round, i) => {
    if (!places.includes(i)) return [round];
    const builder = new BlockBuilder(parts, rounds.slice(0, i + 1));
    return random.chance(0.5) && !standsAlone(round, parts) && i > 1
      ? [...builder.before(), builder.joined(round)]
      : [round, ...builder.before(), builder.own(), ...builder.again()];
  });
}

/** Nobody may have the folder open when it is emptied. */
const standsAlone = (round: Round, { online }: RetentionParts): boolean =>
  online === 'lmdb' && round.some(({ action }) => action.kind === 'store');

class BlockBuilder {
  readonly #parts: RetentionParts;
  readonly #until: string | null;
  readonly #isApplied: boolean;

  constructor(parts: RetentionParts, former: readonly Round[]) {
    this.#parts = parts;
    this.#isApplied = actionsOf({ rounds: former }).some(
      (action) => action.kind === 'command' && action.command.kind === 'apply' && action.harm === null,
    );
    const untils = actionsOf({ rounds: former }).flatMap((action) =>
      action.kind === 'command' && action.command.kind === 'materialize' ? [action.command.until] : [],
    );
    this.#until = untils.toSorted((a, b) => (parseInstant(a) < parseInstant(b) ? -1 : 1)).at(-1) ?? null;
  }

  /** What gc shall find, and the days that pass then. */
  before(): readonly Round[] {
    const { random } = this.#parts;
    const dataset: Command = { kind: 'dataset', name: DATASET };
    return [
      ...(this.#isApplied ? [] : [alone({ kind: 'apply', variant: 0 })]),
      ...(random.chance(0.6) ? [alone(this.#materialize())] : []),
      ...(random.chance(0.6)
        ? [alone(dataset), alone(dataset), ...(random.chance(0.5) ? [alone(this.#keep())] : [])]
        : []),
      [{ afterMillis: 0, action: { kind: 'age' } }],
    ];
  }

  joined(round: Round): Round {
    return [...round, { afterMillis: this.#parts.random.int(0, 250), action: this.#collection(0.4) }];
  }

  own(): Round {
    return [{ afterMillis: 0, action: this.#collection(0.7) }];
  }

  again(): readonly Round[] {
    return this.#parts.random.chance(0.3) ? [alone({ kind: 'gc', limit: null, dryRun: false })] : [];
  }

  #collection(harmed: number): Action {
    const { random, harm } = this.#parts;
    const limit = random.chance(0.25) ? random.int(1, 4) : null;
    const command = { kind: 'gc', limit, dryRun: random.chance(0.07) } as const;
    if (!random.chance(harmed)) return { kind: 'command', command, harm: null };
    const drawn = harm(command);
    const isOther = drawn.kind === 'meanwhile' && random.chance(0.7);
    return { kind: 'command', command, harm: isOther ? { ...drawn, action: this.#beside() } : drawn };
  }

  /** What a collection that stands still may be overtaken by. */
  #beside(): Action {
    const { random } = this.#parts;
    const kind = random.pick(['materialize', 'materialize', 'gc', 'keep', 'dataset'] as const);
    const command: Command =
      kind === 'materialize'
        ? this.#materialize()
        : kind === 'keep'
          ? this.#keep()
          : kind === 'gc'
            ? { kind, limit: null, dryRun: false }
            : { kind, name: DATASET };
    return { kind: 'command', command, harm: null };
  }

  #materialize(): Command {
    const { random, views } = this.#parts;
    const mode = random.pick(['full', 'full', 'full', 'incremental', 'from_snapshot'] as const);
    const one = random.chance(0.3) ? [random.pick(views)] : null;
    return { kind: 'materialize', views: one, until: this.#until ?? '', mode };
  }

  #keep(): Command {
    const { random } = this.#parts;
    return { kind: 'keep', name: DATASET, version: random.pick([1, 1, 1, 2, 3]), release: random.chance(0.2) };
  }
}

const alone = (command: Command): Round => [{ afterMillis: 0, action: { kind: 'command', command, harm: null } }];
