// Errors → `{"error":{"code","message","details"}}`, in one place. Only a PlumbError's own words leave the process.
import type { Context } from 'hono';
import type { RouterRoute } from 'hono/types';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { asPlumbError, ERRORS, type ErrorCode, PlumbError, publicError } from '../../schemas/errors.ts';
import { withoutSecrets } from '../key-text.ts';
import { shorten } from '../quote.ts';
import { boundedDetails, boundedMessage } from './bounded-error.ts';
import { jsonText } from './json.ts';
import { nameRequest } from './request-context.ts';

export interface ErrorLogger {
  error(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export interface ErrorPorts {
  readonly logger: ErrorLogger;
  readonly metrics: { failed(code: ErrorCode): void };
}

export function answerError(context: Context, error: unknown, ports: ErrorPorts): Response {
  const { path } = context.req;
  const { status, headers, body } = errorAnswer(error, { path, requestId: nameRequest(context) }, ports);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  return context.body(body, status as ContentfulStatusCode);
}

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Counts and logs it. */
export function errorAnswer(
  error: unknown,
  { path, requestId }: { readonly path: string; readonly requestId: string },
  { logger, metrics }: ErrorPorts,
): ErrorAnswer {
  const answered = asPlumbError(error);
  const { status } = ERRORS[answered.code];
  metrics.failed(answered.code);
  if (status < 500 || status === 501) return written(answered, status);
  const about = { path, code: answered.code, requestId };
  // A store that is away fails many requests alike; where in the code tells nothing.
  if (answered.retryable) logger.warn(about, answered.message);
  else logger.error({ err: error, ...about }, answered.message);
  return written(answered, status);
}

/** A path that no route has: 404. One that has a route for other methods: 405 with `Allow`; OPTIONS is told them. */
export function answerUnrouted(context: Context, routes: readonly RouterRoute[]): Response {
  const { path, method } = context.req;
  const allowed = allowedOn(path, routes);
  if (allowed.length === 0)
    return errorResponse(context, new PlumbError('UNKNOWN_NAME', `no such path: ${shorten(path)}`));
  nameRequest(context);
  context.header('Allow', allowed.join(', '));
  if (method === 'OPTIONS') return context.body(null, 204);
  const message = `${method} is not allowed on ${shorten(path)}; expected ${allowed.join(' or ')}`;
  return errorResponse(context, new PlumbError('INVALID_REQUEST', message, { details: { allowed } }), 405);
}

/** Who reads a path may ask for its head. */
function allowedOn(path: string, routes: readonly RouterRoute[]): readonly string[] {
  const methods = routes.filter((route) => matches(route.path, path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)))];
}

/** `/a/:name` matches `/a/b`. */
function matches(routePath: string, path: string): boolean {
  const expected = routePath.split('/');
  const found = path.split('/');
  const fits = (part: string, i: number): boolean => (part.startsWith(':') ? found[i] !== '' : part === found[i]);
  return expected.length === found.length && expected.every(fits);
}

function retryAfterSeconds({ details }: PlumbError): number {
  const millis = details.retryAfterMillis;
  return typeof millis === 'number' ? Math.max(1, Math.ceil(millis / 1000)) : 1;
}

export function errorResponse(
  context: Context,
  error: PlumbError,
  status: number = ERRORS[error.code].status,
): Response {
  nameRequest(context);
  const { headers, body } = written(error, status);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  // 499 is nobody's standard status, which is why the type has to be forced.
  return context.body(body, status as ContentfulStatusCode);
}

function written(error: PlumbError, status: number): ErrorAnswer {
  const { code, message, details } = publicError(error);
  const body = jsonText({ error: { code, message: boundedMessage(message), details: boundedDetails(details) } });
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (ERRORS[error.code].retryable) headers['Retry-After'] = String(retryAfterSeconds(error));
  if (error.code === 'UNAUTHENTICATED') headers['WWW-Authenticate'] = 'Bearer realm="plumb"';
  return { status, headers, body: withoutSecrets(body) };
}
