// Random worlds through a trial: each is compared with the oracle; the first that differs is made small and printed.
import { type RandomWorld, worldStats } from '../oracle/random-worlds.ts';
import { shrink } from '../oracle/shrink.ts';

export interface Trial {
  readonly name: string;
  /** The same world for the same seed, whatever was tried before it. */
  world(seed: number): RandomWorld;
  /** Undefined where Plumb agrees with the oracle, else what differs. */
  mismatch(world: RandomWorld): Promise<string | undefined>;
}

export interface Tally {
  readonly worlds: number;
  /** Sum over worlds of the share of label rows that meet an event exactly on an edge. */
  readonly edgeShares: number;
  /** Worlds whose training set must fail, and worlds that serve INVALID. */
  readonly failing: number;
  readonly servingInvalid: number;
}

/** Less than a test may take, so that its failure is told by its mismatch. */
const SHRINKING_MILLIS = 120_000;

const NOTHING: Tally = { worlds: 0, edgeShares: 0, failing: 0, servingInvalid: 0 };

export const summed = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (sum, tally) => ({
      worlds: sum.worlds + tally.worlds,
      edgeShares: sum.edgeShares + tally.edgeShares,
      failing: sum.failing + tally.failing,
      servingInvalid: sum.servingInvalid + tally.servingInvalid,
    }),
    NOTHING,
  );

/** Tries the worlds of `count` seeds, every `step`-th from `first` on. Rejects at the first mismatch. */
export async function tryWorlds(trial: Trial, first: number, count: number, step = 1): Promise<Tally> {
  let tally = NOTHING;
  for (let i = 0; i < count; i++) {
    const world = trial.world(first + i * step);
    const mismatch = await trial.mismatch(world);
    if (mismatch !== undefined) await reject(trial, world, mismatch);
    const { edgeShare, trainingFails, servesInvalid } = worldStats(world);
    const one = {
      worlds: 1,
      edgeShares: edgeShare,
      failing: Number(trainingFails),
      servingInvalid: Number(servesInvalid),
    };
    tally = summed([tally, one]);
  }
  return tally;
}

async function reject(trial: Trial, world: RandomWorld, mismatch: string): Promise<never> {
  const repeat = `repeat with PLUMB_SEED=${world.seed} PLUMB_WORLDS=1`;
  console.error(`${trial.name}, seed ${world.seed}: ${mismatch}\n${repeat}`);
  const until = Date.now() + SHRINKING_MILLIS;
  const fails = async (candidate: RandomWorld) => Date.now() < until && (await trial.mismatch(candidate)) !== undefined;
  const smallest = await shrink(world, fails);
  const reduced = (await trial.mismatch(smallest)) ?? mismatch;
  throw new Error(`${trial.name}, seed ${world.seed}: ${mismatch}; reduced: ${reduced}; ${repeat}`);
}

/**
 * Seeds of this run: the same ones unless PLUMB_SEED names others, so that what lands was tried with them. PLUMB_WORLDS makes
 * the run longer or shorter. To search, give a new seed: `PLUMB_SEED=$RANDOM`.
 */
export function chosenWorlds(defaultCount: number): { readonly first: number; readonly count: number } {
  const { PLUMB_SEED, PLUMB_WORLDS } = process.env;
  return {
    first: Number(PLUMB_SEED ?? 1),
    count: PLUMB_WORLDS === undefined ? defaultCount : Number(PLUMB_WORLDS),
  };
}

export function describeTally({ worlds, edgeShares, failing, servingInvalid }: Tally, first: number): string {
  const share = worlds === 0 ? 0 : (100 * edgeShares) / worlds;
  const edges = `${share.toFixed(0)} % of label rows with an event exactly on an edge`;
  return `${worlds} worlds from seed ${first}, ${edges}; ${failing} must fail, ${servingInvalid} serve INVALID`;
}
