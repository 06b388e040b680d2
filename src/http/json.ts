// Answers as JSON. Details of errors may hold bigints; they are written as text.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Job } from '../../schemas/wire-types.ts';

export const jsonBody = (context: Context, value: unknown, status: ContentfulStatusCode = 200): Response =>
  context.body(jsonText(value), status, { 'Content-Type': 'application/json' });

export const jsonText = (value: unknown): string => JSON.stringify(value, withBigInts);

const withBigInts = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** 202 with where to ask for it. */
export function acceptedJob(context: Context, job: Job): Response {
  context.header('Location', `/v1/jobs/${job.id}`);
  return jsonBody(context, job, 202);
}
