// Erasures: keys of an entity whose earlier rows count nowhere any more. Plain data and the port.
//
//   record ─▶ online, at once ─▶ each view under its lease: online, runs ─▶ training sets ─▶ reports ─▶ report
//
// From the record on, whoever plans leaves the rows out (catalog/erasures.ts), so nothing that is computed later has them; all
// that follows takes them out of what was computed before. It may be cut off anywhere: the same work is done again, to the end.
import type { ErasureReport, ErasureSummary } from '../../schemas/wire-types.ts';

export interface ForgetRequest {
  readonly entity: string;
  /** Join keys by name, as a client or a command gave them. */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

export interface ErasureProgress {
  /** What is at work, in words. */
  readonly doing: string;
  readonly done: number;
  /** null while unknown. */
  readonly total: number | null;
}

export type OnErasureProgress = (progress: ErasureProgress) => void;

/** Who records erasures, and tells of them. */
export interface Erasures {
  /** Durable when it resolves: from here on the rows count nowhere. UNKNOWN_NAME, INVALID_REQUEST. */
  record(request: ForgetRequest): Promise<ErasureSummary>;
  /** Newest first. */
  page(
    limit: number,
    after: string | null,
  ): Promise<{ readonly erasures: readonly ErasureSummary[]; readonly next: string | null }>;
  /** UNKNOWN_NAME. */
  show(id: string): Promise<ErasureSummary>;
}

/** Who takes erased keys out of what Plumb owns. */
export interface Eraser {
  /** Changes nothing. */
  preview(request: ForgetRequest, onProgress?: OnErasureProgress): Promise<ErasureReport>;
  /** To its end; of one that is done the report that it has. UNKNOWN_NAME. */
  finish(id: string, onProgress?: OnErasureProgress): Promise<ErasureReport>;
}
