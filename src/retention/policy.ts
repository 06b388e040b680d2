// What may go, by age and by count. Nothing that is younger than the grace period ever goes.
export interface RetentionPolicy {
  readonly graceMicros: bigint;
  /** What is among the newest `keep` stays, and so does what is younger than `maxAgeMicros`. */
  readonly snapshots: { readonly keep: number; readonly maxAgeMicros: bigint };
  /** Likewise; both null: all stay. The newest version of each always stays: its number would be given out again. */
  readonly datasets: { readonly keep: number | null; readonly maxAgeMicros: bigint | null };
  readonly jobs: { readonly maxAgeMicros: bigint };
  /** Of entries of the audit log, and of keys since they ended. */
  readonly audit: { readonly maxAgeMicros: bigint };
}

/** Whether something that was last written at that time is younger than `ageMicros`; of exactly that age it is not. */
export const isYounger = (modifiedAtMillis: number, ageMicros: bigint, nowMicros: bigint): boolean =>
  nowMicros - BigInt(Math.floor(modifiedAtMillis)) * 1000n < ageMicros;

/**
 * Work, uploads and leases show life at least every few minutes, whatever the grace period: who was silent for an hour, and
 * for the grace period, is dead.
 */
export const silenceOfTheDead = ({ graceMicros }: Pick<RetentionPolicy, 'graceMicros'>): bigint =>
  graceMicros > HOUR_MICROS ? graceMicros : HOUR_MICROS;

const HOUR_MICROS = 3_600_000_000n;
