// How the parts that a project file names are opened.
import type { Logger } from './logger.ts';

export interface OpenOptions {
  /** Aborts when the user interrupts the command: running queries stop and the call rejects with CANCELLED. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /**
   * Which folders may be made where they are absent: `online` (the default), that of the online store; `storage`, that of the
   * storage too, by `plumb apply` alone; `nothing`, by `plumb doctor`.
   */
  readonly makes?: 'nothing' | 'online' | 'storage';
}

export interface Drafting {
  /** Whether definitions come from files, as `apply` would register them; default: the newest registered version. */
  readonly draft?: boolean;
}
