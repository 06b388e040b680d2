// What the SDK throws. An aborted call throws the reason of its AbortSignal instead, whatever that is; wrong use (an option
// that cannot be) a TypeError. Messages name the method and the path, never a header.
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { Job } from '../../../schemas/wire-types.ts';

/** A code of the table in the server's documentation, or one that a newer server knows. */
export type PlumbErrorCode = ErrorCode | (string & {});

/** The base of all. `retryable`: the same call may succeed later, unchanged; the SDK has then already tried what it may. */
export abstract class PlumbSdkError extends Error {
  abstract readonly retryable: boolean;
}

export interface PlumbApiErrorParts {
  readonly code: PlumbErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  readonly retryAfterMillis: number | null;
  readonly requestId: string | null;
}

/** The server answered with an error. */
export class PlumbApiError extends PlumbSdkError {
  override readonly name: string = 'PlumbApiError';
  /** `HTTP_<status>` where the answer was not the server's own, e.g. a proxy's page. */
  readonly code: PlumbErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** For programs, e.g. `path` or `issues`; empty where the answer was not the server's own. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  /** What `Retry-After` asks for; null without one. A browser sees it only where the server exposes that header. */
  readonly retryAfterMillis: number | null;
  /** `X-Request-Id` of the answer. */
  readonly requestId: string | null;

  constructor(message: string, parts: PlumbApiErrorParts) {
    super(message);
    this.code = parts.code;
    this.status = parts.status;
    this.details = parts.details;
    this.retryable = parts.retryable;
    this.retryAfterMillis = parts.retryAfterMillis;
    this.requestId = parts.requestId;
  }
}

/** `total`: the call with its retries took longer than `timeoutMillis`. `silence`: nothing came for `silenceMillis`. */
export class PlumbTimeoutError extends PlumbSdkError {
  override readonly name: string = 'PlumbTimeoutError';
  readonly retryable = true;
  readonly kind: 'total' | 'silence';

  constructor(message: string, kind: 'total' | 'silence', options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** No connection, or it broke before the answer was complete. `cause` says more. */
export class PlumbConnectionError extends PlumbSdkError {
  override readonly name: string = 'PlumbConnectionError';
  readonly retryable = true;
}

/** An answer that is not what this API says: no JSON, other fields, a part that is not what its manifest says. */
export class PlumbProtocolError extends PlumbSdkError {
  override readonly name: string = 'PlumbProtocolError';
  readonly retryable = false;
}

/** A job failed or was cancelled. */
export class PlumbJobError extends PlumbSdkError {
  override readonly name: string = 'PlumbJobError';
  readonly code: PlumbErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  /** The job as it ended; of a failed materialization `result` tells about every view. */
  readonly job: Job;

  constructor(message: string, job: Job, parts: Pick<PlumbApiErrorParts, 'code' | 'details' | 'retryable'>) {
    super(message);
    this.job = job;
    this.code = parts.code;
    this.details = parts.details;
    this.retryable = parts.retryable;
  }
}
