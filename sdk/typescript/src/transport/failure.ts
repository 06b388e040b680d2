// An answer that is no success → PlumbApiError, whatever its body is.
import { ERRORS } from '../../../../schemas/errors.ts';
import { PlumbApiError, type PlumbErrorCode } from '../errors.ts';
import { parseJson } from '../json.ts';
import type { Answer } from './attempt.ts';
import { type Call, label } from './call.ts';

/** Of answers without an error of the server's own: too many requests, or a gateway that did not reach the server. */
const RETRYABLE_STATUSES: readonly number[] = [408, 425, 429, 502, 503, 504];

export function requireOk(call: Call, answer: Answer): Answer {
  if (answer.status >= 200 && answer.status <= 299) return answer;
  throw apiError(call, answer);
}

function apiError(call: Call, { status, headers, body }: Answer): PlumbApiError {
  const shared = { status, retryAfterMillis: retryAfter(headers), requestId: headers.get('x-request-id') };
  const error = wireError(body);
  if (error === null) {
    const message = `${label(call)} was answered with status ${status} and ${describe(body)}, expected an error of Plumb: is something between this client and the server?`;
    const retryable = RETRYABLE_STATUSES.includes(status);
    return new PlumbApiError(message, { ...shared, code: `HTTP_${status}`, details: {}, retryable });
  }
  return new PlumbApiError(error.message, { ...shared, ...error, retryable: isRetryable(error.code, status) });
}

/** The table decides; of a code that only a newer server knows, the status. */
export function isRetryable(code: PlumbErrorCode, status: number): boolean {
  return Object.hasOwn(ERRORS, code)
    ? ERRORS[code as keyof typeof ERRORS].retryable
    : RETRYABLE_STATUSES.includes(status);
}

interface FoundError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function wireError(body: Uint8Array): FoundError | null {
  const error = field(parsed(body), 'error');
  const code = field(error, 'code');
  const message = field(error, 'message');
  const details = field(error, 'details');
  if (typeof code !== 'string' || typeof message !== 'string') return null;
  return { code, message, details: isObject(details) ? details : {} };
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const field = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

/** The beginning of what a proxy said, without its markup. */
function describe(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 2_000));
  const words = text
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words === '' ? 'an empty body' : `the body ${JSON.stringify(words.slice(0, 100))}`;
}

/** Seconds, or a date. */
function retryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
