// A history: what is done to one project, and what goes wrong meanwhile. Plain data, so that it can be printed, replayed
// and made smaller. Rounds follow one another; the acts of a round overlap, each from its own moment on.
import type { Json } from '../oracle/values.ts';
import type { Definitions, JsonRow, Table } from '../oracle/world.ts';
import type { ProxyFault } from '../servers/tcp-proxy.ts';

export const ONLINE_KINDS = ['lmdb', 'redis'] as const;
export const STORAGE_KINDS = ['file', 's3'] as const;
export type OnlineKind = (typeof ONLINE_KINDS)[number];
export type StorageKind = (typeof STORAGE_KINDS)[number];

/** What does not change while the history runs. */
export interface FaultWorld {
  /** Definitions that are applied in turn; entities and sources are the same in all. The first is applied first. */
  readonly variants: readonly Definitions[];
  readonly service: string;
  /** Rows by source. The first chunk is there from the start, each `append` adds another one. */
  readonly chunks: readonly Readonly<Record<string, readonly JsonRow[]>>[];
  readonly labels: Table & { readonly timestampColumn: string };
  /** What lookups ask for: all key columns of every variant's service. */
  readonly entities: readonly Readonly<Record<string, Json>>[];
  /** Instants of lookups. */
  readonly ats: readonly string[];
}

/** What is done to the process of a command. Failpoints may be `name:n`. */
export type Harm =
  | { readonly kind: 'kill_at'; readonly failpoint: string }
  | { readonly kind: 'kill_after'; readonly millis: number }
  | { readonly kind: 'pause_at'; readonly failpoint: string; readonly millis: number }
  | { readonly kind: 'pause_after'; readonly afterMillis: number; readonly millis: number }
  /** It stands still there until the other thing is done; or, of what lasts for a while, until that has begun. */
  | { readonly kind: 'meanwhile'; readonly failpoint: string; readonly action: Action };

export type Mode = 'incremental' | 'full' | 'from_snapshot';

/** A process of its own. */
export type Command =
  | { readonly kind: 'apply'; readonly variant: number }
  | {
      readonly kind: 'materialize';
      readonly views: readonly string[] | null;
      readonly until: string;
      readonly mode: Mode;
    }
  | { readonly kind: 'dataset'; readonly name: string }
  | { readonly kind: 'gc'; readonly limit: number | null; readonly dryRun: boolean }
  | { readonly kind: 'keep'; readonly name: string; readonly version: number; readonly release: boolean };

export type Action =
  | { readonly kind: 'command'; readonly command: Command; readonly harm: Harm | null }
  | { readonly kind: 'append'; readonly chunk: number }
  /** What is stored becomes days older: as if nobody had done anything for so long. It stands alone in its round. */
  | { readonly kind: 'age' }
  /** Between a store and everybody who uses it. */
  | { readonly kind: 'network'; readonly of: 'store' | 'storage'; readonly fault: ProxyFault; readonly millis: number }
  /** The online store is killed, and started again with its data or without; or it is emptied as it runs. */
  | { readonly kind: 'store'; readonly fault: 'restart' | 'restart_empty' | 'flush'; readonly downMillis: number }
  /** The S3 server is killed, and started again with its data. */
  | { readonly kind: 'storage'; readonly fault: 'restart'; readonly downMillis: number }
  | { readonly kind: 'server'; readonly fault: 'kill' | 'pause'; readonly millis: number }
  | { readonly kind: 'disk'; readonly freeBytes: number; readonly millis: number };

export interface Act {
  /** From the start of the round. */
  readonly afterMillis: number;
  readonly action: Action;
}

export interface History {
  readonly seed: number;
  readonly online: OnlineKind;
  readonly storage: StorageKind;
  readonly world: FaultWorld;
  readonly rounds: readonly (readonly Act[])[];
  /** Of the materialization that puts everything right in the end. */
  readonly until: string;
}

/** The names under which a run counts what it did. */
export function faultNames({ action }: Act): readonly string[] {
  switch (action.kind) {
    case 'command':
      return action.harm === null ? [] : [harmName(action.harm, action.command), ...meanwhileNames(action.harm)];
    case 'network':
      return [`network of the ${action.of} ${action.fault.kind}`];
    case 'store':
      return [`store ${action.fault}`];
    case 'storage':
      return [`storage ${action.fault}`];
    case 'server':
      return [`server ${action.fault}`];
    case 'disk':
      return ['disk full'];
    case 'append':
    case 'age':
      return [];
  }
}

export const harmName = ({ kind }: Harm, command: Command): string => `${kind} ${command.kind}`;

const meanwhileNames = (harm: Harm): readonly string[] =>
  harm.kind === 'meanwhile' ? faultNames({ afterMillis: 0, action: harm.action }) : [];

/** All actions of a history, those inside of others too. */
export const actionsOf = ({ rounds }: Pick<History, 'rounds'>): readonly Action[] =>
  rounds.flat().flatMap(({ action }) => {
    const inner = action.kind === 'command' && action.harm?.kind === 'meanwhile' ? [action.harm.action] : [];
    return [action, ...inner];
  });
