// What the online store needs of Redis, whichever way it is set up: one server, a master that Sentinels name, a Cluster.
import type { OnlineStore, StoreExamination, StoreNodeHealth } from '../online-store.ts';
import type { ConnectionLogger, RedisLimits, Send } from './redis-connection.ts';
import type { RedisKeys } from './redis-layout.ts';

export interface RedisBackendOptions extends RedisLimits {
  readonly keys: RedisKeys;
  /** null: where rows and states may lie on different servers, one replica of each that has any; else none. */
  readonly waitReplicas: number | null;
  readonly logger: ConnectionLogger;
}

export interface RedisBackend
  extends AsyncDisposable,
    Required<Pick<OnlineStore, 'read' | 'readPartially' | 'writeRows' | 'writeState'>> {
  /** Resolves when every server that holds rows answers. */
  ping(): Promise<void>;
  examine(): Promise<StoreExamination>;
  /** To whoever holds that key; all commands of a call are on it. */
  sendTo(key: Uint8Array): Send;
  /** Removes one field of all entities, in bounded steps. False where rows moved meanwhile, so that some may be left. */
  removeRows(field: Buffer): Promise<boolean>;
  health(): readonly StoreNodeHealth[];
}
