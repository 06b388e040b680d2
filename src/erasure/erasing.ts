// What the steps of an erasure share.
import type { Catalog } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import type { Engine } from '../offline/engine.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import type { OnErasureProgress } from './erasure.ts';

export interface ErasingPorts {
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
  readonly engine: Pick<Engine, 'findErased' | 'writeWithout' | 'countErased'>;
  readonly sourceFiles: SourceFiles;
  readonly catalog: () => Promise<Catalog>;
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
  readonly signal: AbortSignal;
  /** How long a tombstone stays. */
  readonly graceMicros: bigint;
}

/** One erasure at work. */
export interface Erasing extends Omit<ErasingPorts, 'catalog'> {
  /** The definitions of now. */
  readonly catalog: Catalog;
  readonly erasure: Erasure;
  /** Ids of erasures that are not done. */
  readonly pending: ReadonlySet<string>;
  /** Counts, and changes nothing. */
  readonly dryRun: boolean;
  /** Rejects with CONFLICT where what it holds of leases is lost. */
  readonly assertHeld: () => Promise<void>;
  /** For work on parts. */
  readonly folder: string;
  readonly onProgress: OnErasureProgress;
  /** Told of what cannot be cleaned, each once. */
  readonly left: Map<string, string>;
}
