// Errors → `{"error":{"code","message","details"}}`, in one place. Only a PlumbError's own words leave the process.
import type { Context } from 'hono';
import type { RouterRoute } from 'hono/types';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ERRORS, PlumbError } from '../../schemas/errors.ts';

export interface ErrorLogger {
  error(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export function answerError(context: Context, error: unknown, logger: ErrorLogger): Response {
  const path = context.req.path;
  if (!(error instanceof PlumbError)) {
    logger.error({ err: error, path }, 'internal error');
    return errorResponse(context, new PlumbError('INTERNAL', 'internal error'));
  }
  const { status } = ERRORS[error.code];
  if (status >= 500 && status !== 501) logger.error({ err: error, path, code: error.code }, error.message);
  return errorResponse(context, error);
}

/** A path that no route has: 404. One that has a route for other methods: 405 with `Allow`. */
export function answerUnrouted(context: Context, routes: readonly RouterRoute[]): Response {
  const { path, method } = context.req;
  const allowed = [...new Set(routes.filter((route) => matches(route.path, path)).map((route) => route.method))];
  if (allowed.length === 0) return errorResponse(context, new PlumbError('UNKNOWN_NAME', `no such path: ${path}`));
  context.header('Allow', allowed.join(', '));
  const message = `${method} is not allowed on ${path}; expected ${allowed.join(' or ')}`;
  return errorResponse(context, new PlumbError('INVALID_REQUEST', message, { details: { allowed } }), 405);
}

/** `/a/:name` matches `/a/b`. */
function matches(routePath: string, path: string): boolean {
  const expected = routePath.split('/');
  const found = path.split('/');
  return expected.length === found.length && expected.every((part, i) => part.startsWith(':') || part === found[i]);
}

export function errorResponse(
  context: Context,
  error: PlumbError,
  status: number = ERRORS[error.code].status,
): Response {
  if (ERRORS[error.code].retryable) context.header('Retry-After', '1');
  const { code, message, details } = error;
  const body = JSON.stringify({ error: { code, message, details } }, withBigInts);
  // 499 is nobody's standard status, which is why the type has to be forced.
  return context.body(body, status as ContentfulStatusCode, { 'Content-Type': 'application/json' });
}

const withBigInts = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
