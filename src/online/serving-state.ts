// What the online store knows of a view beside its rows: which generation is live and for which instants it answers.
// Everything a lookup needs to read the live rows is here, because a changed view goes on serving its former generation.

import type { DataType, JoinKeyType, Value } from '../../schemas/types.ts';
import type { EntryDefinition } from './entry/entry-layout.ts';

export interface ServingState {
  /** null until the first run has finished. */
  readonly live: LiveGeneration | null;
  /**
   * Former ones that are run and read beside it, by lookups that are bound to what they hold (`isHeld`), and those that nobody
   * needs any more and that leave (`retiredAtMicros`). Absent where there are none. No two, the live one included, have one
   * fingerprint.
   */
  readonly bound?: readonly LiveGeneration[];
  /** The greatest run token that was ever used on this view; a run with a smaller one must not publish. */
  readonly token: bigint;
  /** How often the view was rebuilt; names the next generation. */
  readonly rebuildCount: number;
  /** Of a view that a stream feeds: filled beside the live one, which it takes the place of once it is not behind. */
  readonly filling?: LiveGeneration;
  /** Of a view that a stream feeds: when a rebuild was asked for last; a generation says which one it answers. */
  readonly rebuildAskedMicros?: bigint;
}

/** The generation that lookups read, and how far its runs have come. */
export type LiveGeneration = Generation & GenerationProgress;

/** What is fixed as long as the generation lives: how its rows are found, read and judged. */
export interface Generation {
  /** `<first 16 hex digits of the view's fingerprint>-<rebuild count>`; the field is `<view>@<id>`. */
  readonly id: string;
  readonly fingerprint: string;
  readonly kind: 'row' | 'aggregate';
  readonly entities: readonly string[];
  readonly joinKeys: readonly { readonly name: string; readonly type: JoinKeyType }[];
  /** In the order of the packed row. */
  readonly features: readonly {
    readonly name: string;
    readonly type: DataType;
    readonly default: Value;
    readonly emptyValue: Value;
  }[];
  /** One per feature (`meaning` in the catalog); absent where a run before there were meanings filled it. */
  readonly meanings?: readonly string[];
  /** Of a row view, one per feature (`rowOrders` in the catalog); absent where a run before there were such filled it. */
  readonly rowOrders?: readonly string[];
  /** A bound training set needs it: lookups that are bound to its features read it, whatever is defined now. */
  readonly isHeld?: true;
  /**
   * Of a continuous aggregate view, whose records are entries: what they hold, one feature for each of `features`. Of a row view
   * that a stream feeds, too: a cell for each of them, and one for `deletedWhen`.
   */
  readonly entry?: EntryDefinition;
  readonly refresh: { readonly everyMicros: bigint; readonly delayMicros: bigint } | null;
  readonly visibleFrom: 'event_time' | 'created_time';
  readonly strictlyBefore: boolean;
  readonly ttlMicros: bigint | null;
  /** Absent: runs fill it. */
  readonly stream?: StreamFeed;
}

/** How a stream processor keeps a generation up to date. */
export interface StreamFeed {
  readonly source: string;
  /** The registry version by whose definition rows are computed. */
  readonly version: number;
  /** `rebuildAskedMicros` of the state that it was filled for; null: nobody had asked. */
  readonly rebuildMicros: bigint | null;
}

/** What moves with every run. */
export interface GenerationProgress {
  /** The last run that was published into it, as its folder is called. */
  readonly run: string;
  /** T of the last finished run. */
  readonly watermarkMicros: bigint;
  /**
   * The greatest T whose rows may be in the store: a run sets it before it writes its first row, so an answer for an
   * instant before it is TOO_EARLY and never a silent mix. Equals the watermark between runs.
   */
  readonly reachedMicros: bigint;
  /** What row-retention.ts counts from; null where the generation was filled by a Plumb that knew no retention. */
  readonly retention: GenerationRetention | null;
  /** Of one that is neither live nor held: wall time since when. */
  readonly retiredAtMicros?: bigint;
}

export interface GenerationRetention {
  /** Of an aggregate view, with offset and hop; null: one is unbounded, or it is a row view. */
  readonly longestWindowMicros: bigint | null;
  /**
   * How far the wall clock was ahead of the data, at most, when a run put it online (wall time - T): an instant x of the
   * data is over for the store when the clock has passed x + lead. Great where old data was loaded lately.
   */
  readonly clockLeadMicros: bigint;
  /** Wall time when the generation was filled, or filled again. */
  readonly filledAtMicros: bigint;
}

/** The live one first. */
export const generationsOf = ({ live, bound = [] }: ServingState): readonly LiveGeneration[] =>
  live === null ? bound : [live, ...bound];

/** null where the definition with that fingerprint has none. */
export const generationBy = (state: ServingState, fingerprint: string): LiveGeneration | null =>
  generationsOf(state).find((generation) => generation.fingerprint === fingerprint) ?? null;

/** Of generations that lookups read or a processor fills: no others are of use. */
export const fieldsInUse = (view: string, state: ServingState): ReadonlySet<string> =>
  new Set(
    [...generationsOf(state), ...(state.filling === undefined ? [] : [state.filling])].map(({ id }) =>
      fieldName(view, id),
    ),
  );

export const fieldName = (view: string, generationId: string): string => `${view}@${generationId}`;
export const viewOfField = (field: string): string => field.split('@', 1)[0] ?? field;
