// Leases: who may work on what, among any number of processes and machines that share one storage and nothing else.
//
//   leases/<name>/<token, 8 digits>.json    created by put-if-absent: of N that want it one gets the next token
//
// The holder of the greatest token has the lease. It renews it by counting up in its object, a tenth of the term apart.
// Whoever wants it watches that count: where it moves, the holder lives (CONFLICT); where it stands still for a whole
// term, by the watcher's own clock, or the holder's process is gone from this machine, the next token may be taken. No two
// clocks are ever compared.
//
// A lease alone stops nobody who was paused: what is committed under one is fenced by the commit itself (docs/adr/0015).

export interface Lease extends AsyncDisposable {
  readonly name: string;
  /** Grows from holder to holder. */
  readonly token: number;
  /** Aborted once the lease is known to be lost, for a CONFLICT. */
  readonly signal: AbortSignal;
  /** Renews it, and rejects with CONFLICT where it is lost: to be called after work is begun and before it is committed. */
  assertHeld(): Promise<void>;
}

export interface LeaseRequest {
  /** What the holder does, for those who are refused: `materializing clicks`. */
  readonly purpose: string;
  /** Ends the waiting, with CANCELLED. */
  readonly signal?: AbortSignal;
  /** The name is of this work alone and never used again: nothing of it is kept after the end. */
  readonly once?: boolean;
}

export interface Leases {
  /**
   * Waits at most a term for a holder that shows no sign of life; CONFLICT, with the holder, where it lives. Disposing of the
   * lease gives it back.
   */
  acquire(name: string, request: LeaseRequest): Promise<Lease>;
  /** Who holds the leases whose names begin so; a machine that died may be among them, as it says nothing of its end. */
  holders(prefix: string): Promise<readonly LeaseHolder[]>;
}

/** Who holds a lease, as far as its object tells. */
export interface LeaseHolder {
  readonly name: string;
  readonly token: number;
  readonly purpose: string;
  readonly host: string;
  readonly pid: number;
  /** RFC 3339, by the holder's clock. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  /** The object cannot be read: whether somebody holds the lease shows within a term. All else of the holder is unknown. */
  readonly isDamaged?: true;
}

const WELL_FORMED = /^[A-Za-z0-9_.@-]+$/;

/** Of one view; held by the process that writes its runs and rows, or removes them. */
export const viewLease = (view: string): string => `view.${view}`;
export const APPLY_LEASE = 'apply';
/** Of who removes what nobody needs, or wants nothing to be removed meanwhile. */
export const GC_LEASE = 'gc';
/** Of who runs the schedules. */
export const SCHEDULE_LEASE = 'schedule';
/** Of who applies the events of streams. */
export const STREAM_LEASE = 'stream';
/** Of one build; `gc` leaves the objects of those that live alone. */
export const DATASET_LEASES = 'dataset.';

export function requireLeaseName(name: string): void {
  if (!WELL_FORMED.test(name)) throw new TypeError(`not a name of a lease: ${name}`);
}
