// Whether a failed try may be repeated, and after how long.
import { PlumbApiError, PlumbConnectionError, PlumbSdkError, PlumbTimeoutError } from '../errors.ts';
import type { RetryRule } from './call.ts';
import { errorCode } from './error-code.ts';

const FIRST_MILLIS = 100;
const LONGEST_MILLIS = 5_000;

/** Codes of connections that never were. Browsers do not tell. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/** `failed`: how many tries failed before this one. null: do not. */
export function delayBeforeRetry(rule: RetryRule, error: unknown, failed: number): number | null {
  if (!mayRetry(rule, error)) return null;
  // Half of it drawn at random, so that clients which failed together do not come back together.
  const backoffMillis = Math.min(LONGEST_MILLIS, FIRST_MILLIS * 2 ** failed) * (0.5 + Math.random() / 2);
  const askedMillis = error instanceof PlumbApiError ? (error.retryAfterMillis ?? 0) : 0;
  return askedMillis === 0 ? backoffMillis : askedMillis + backoffMillis / 2;
}

function mayRetry(rule: RetryRule, error: unknown): boolean {
  if (rule === 'never' || !(error instanceof PlumbSdkError)) return false;
  if (error instanceof PlumbTimeoutError) return rule === 'safe' && error.kind === 'silence';
  if (rule === 'safe') return error.retryable;
  if (error instanceof PlumbConnectionError) return NEVER_CONNECTED.includes(errorCode(error) ?? '');
  return error instanceof PlumbApiError && refusedByTheServer(error);
}

/** 429 and 503 with an error of the server's own: it was too busy to take the request. A proxy's 503 says nothing of it. */
const refusedByTheServer = ({ status, code }: PlumbApiError): boolean =>
  (status === 429 || status === 503) && !code.startsWith('HTTP_');
