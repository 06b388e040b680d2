// POST /v1/online-features without the router: most requests of most servers are this one, and what the router, its objects
// for requests and answers, and their streams cost is half of a small lookup. What is not plainly such a request goes to the
// router, which answers the same.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorPorts, errorAnswer, isRequestId } from '../errors.ts';
import type { HttpLimits } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import { isJsonType, parseBody } from '../request-body.ts';
import { answerForm, CONTENT_TYPES } from './answer-form.ts';
import { parseLookupQuery } from './lookup-query.ts';
import type { Lookups } from './lookups.ts';

const PATH = '/v1/online-features';
const OPERATION = 'getOnlineFeatures';

export interface LookupListenerParts extends ErrorPorts {
  readonly lookup: Lookups;
  readonly metrics: Metrics;
  readonly limits: HttpLimits;
  readonly corsOrigins: readonly string[];
}

/** True where it took the request. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

export function lookupListener(parts: LookupListenerParts): TakeRequest {
  // Answers to pages of other origins have headers that the router knows.
  if (parts.corsOrigins.length > 0) return () => false;
  const { bodyBytes } = parts.limits;
  return (request, response) => {
    const { method, url, headers } = request;
    const sizeBytes = Number(headers['content-length'] ?? Number.NaN);
    if (url !== PATH || method !== 'POST' || !(sizeBytes <= bodyBytes) || !isJsonType(headers['content-type']))
      return false;
    const startedMillis = performance.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      answer(body, { request, response, startedMillis }, parts).catch(() => response.destroy());
    });
    // A client that closed its connection gets no answer; the request is counted as the router counts one.
    request.on('error', () => {
      response.destroy();
      parts.metrics.answered(OPERATION, 400, (performance.now() - startedMillis) / 1000);
    });
    return true;
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedMillis: number;
}

async function answer(body: Buffer, exchange: Exchange, parts: LookupListenerParts): Promise<void> {
  send(exchange, parts.metrics, await answerTo(body, exchange.request, parts));
}

async function answerTo(body: Buffer, request: IncomingMessage, parts: LookupListenerParts): Promise<Answer> {
  const { limits, lookup } = parts;
  try {
    const form = answerForm(request.headers.accept);
    const query = parseLookupQuery(await parseBody(body, limits.bodyBytes), limits.entitiesPerRequest);
    return { status: 200, headers: HEADERS[form], body: await lookup.answer(query, form) };
  } catch (error) {
    return errorAnswer(error, { path: PATH, requestId: headerOf(request) }, parts);
  }
}

const HEADERS = {
  json: { 'Content-Type': CONTENT_TYPES.json },
  arrow: { 'Content-Type': CONTENT_TYPES.arrow },
} as const;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function send(
  { request, response, startedMillis }: Exchange,
  metrics: Metrics,
  { status, headers, body }: Answer,
): void {
  const requestId = headerOf(request);
  const known = requestId !== undefined && isRequestId(requestId) ? { 'x-request-id': requestId } : {};
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(status, { ...known, ...headers, 'Content-Length': length });
  response.end(body);
  metrics.answered(OPERATION, status, (performance.now() - startedMillis) / 1000);
}

function headerOf({ headers }: IncomingMessage): string | undefined {
  const requestId = headers['x-request-id'];
  return typeof requestId === 'string' ? requestId : undefined;
}
