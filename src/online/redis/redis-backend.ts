// What the online store needs of Redis, whichever way it is set up: one server, a master that Sentinels name, a Cluster.
import type { OnlineStore, StoreExamination, StoreNodeHealth } from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import type { EntityPage } from './entity-pages.ts';
import type { ConnectionLogger, RedisLimits, Send } from './redis-connection.ts';
import type { RedisKeys } from './redis-layout.ts';
import type { RespWriter } from './resp-writer.ts';

export interface RedisBackendOptions extends RedisLimits {
  readonly keys: RedisKeys;
  /** null: where rows and states may lie on different servers, one replica of each that has any; else none. */
  readonly waitReplicas: number | null;
  readonly logger: ConnectionLogger;
}

/** One command for each group of keys. */
export interface CommandsOfKeys {
  readonly groups: readonly (readonly Buffer[])[];
  /** Of one command, roughly. */
  readonly sizeBytes: number;
  add(out: RespWriter, group: number): void;
}

export interface RedisBackend
  extends AsyncDisposable,
    Required<Pick<OnlineStore, 'read' | 'readPartially' | 'writeRows' | 'writeState' | 'removeState' | 'streams'>> {
  /** Resolves when every server that holds rows answers. */
  ping(): Promise<void>;
  examine(): Promise<StoreExamination>;
  /** To the server that holds that key; all commands of a call concern this key. */
  sendTo(key: Uint8Array): Send;
  /** Removes one field of all entities, in bounded steps. False where rows moved meanwhile, so that some may be left. */
  removeRows(field: Buffer): Promise<boolean>;
  /** Keys of entities, one page after the other; each that is there all the time, and on one server, comes at least once. */
  entityPage(cursor: string | null, count: number): Promise<EntityPage>;
  /** How many keys one command of `sendAll` may have. */
  readonly keysPerCommand: number;
  /** A reply for each, in their order. */
  sendAll(commands: CommandsOfKeys): Promise<readonly Reply[]>;
  health(): readonly StoreNodeHealth[];
}
