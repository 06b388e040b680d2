// Errors over HTTP.
import type { ErrorCode } from '../errors.ts';

export interface ErrorBody {
  readonly error: WireError;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}
