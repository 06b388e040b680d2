// POST /v1/online-features without the router: most requests of most servers are this one, and what the router, its objects
// for requests and answers, and their streams cost is half of a small lookup. What is not plainly such a request goes to the
// router, which answers the same.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../access/caller.ts';
import type { Gate } from '../../access/gate.ts';
import { type ErrorPorts, errorAnswer } from '../errors.ts';
import type { HttpLimits } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import { accessOf } from '../operation-access.ts';
import { isJsonType, parseBody } from '../request-body.ts';
import { requestIdOf } from '../request-context.ts';
import { answerForm, CONTENT_TYPES } from './answer-form.ts';
import { EXPLAINED_OPERATION, type ExplainedLookupPorts, explainedAnswer } from './explained-lookup.ts';
import { parseLookupQuery } from './lookup-query.ts';
import { answerTo } from './lookups.ts';

const PATH = '/v1/online-features';
const OPERATION = 'getOnlineFeatures';
const ACCESS = accessOf(OPERATION);

export interface LookupListenerParts extends ErrorPorts, ExplainedLookupPorts {
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly limits: HttpLimits;
  readonly corsOrigins: readonly string[];
}

/** True where it took the request. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

export function lookupListener(parts: LookupListenerParts): TakeRequest {
  // Answers to pages of other origins have headers that the router knows.
  if (parts.corsOrigins.length > 0) return () => false;
  const { limits, gate } = parts;
  return (request, response) => {
    const { method, url, headers } = request;
    const sizeBytes = Number(headers['content-length'] ?? Number.NaN);
    if (url !== PATH || method !== 'POST' || !(sizeBytes <= limits.bodyBytes) || !isJsonType(headers['content-type']))
      return false;
    // Node keeps the first of several and drops the others; the router sees that there are several, and refuses them.
    if (gate.asksForKeys && countOf('authorization', request.rawHeaders) > 1) return false;
    const startedMillis = performance.now();
    const requestId = requestIdOf(headerOf(request));
    const exchange = { request, response, startedMillis, requestId, measuredAs: OPERATION };
    const caller = admit(exchange, parts);
    if (caller === null) return true;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      answer(body, caller, exchange, parts).catch(() => response.destroy());
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
  readonly requestId: string;
  measuredAs: string;
}

/** Before the body is read. null: refused, and answered; Node lets the body pass by. */
function admit(exchange: Exchange, parts: LookupListenerParts): Caller | null {
  try {
    return parts.gate.admit(exchange.request.headers.authorization, ACCESS);
  } catch (error) {
    send(exchange, parts.metrics, errorAnswer(error, { path: PATH, requestId: exchange.requestId }, parts));
    return null;
  }
}

async function answer(body: Buffer, caller: Caller, exchange: Exchange, parts: LookupListenerParts): Promise<void> {
  send(exchange, parts.metrics, await answered(body, caller, exchange, parts));
}

async function answered(body: Buffer, caller: Caller, exchange: Exchange, parts: LookupListenerParts): Promise<Answer> {
  const { limits, lookup } = parts;
  const { request, response, requestId } = exchange;
  try {
    const form = answerForm(request.headers.accept);
    const query = parseLookupQuery(await parseBody(body, limits.bodyBytes), limits.entitiesPerRequest);
    const asked = { caller, query, form };
    if (!query.explain) return { status: 200, headers: HEADERS[form], body: await answerTo(asked, lookup) };
    exchange.measuredAs = EXPLAINED_OPERATION;
    return { status: 200, headers: HEADERS.json, body: await explainedAnswer(asked, parts, response) };
  } catch (error) {
    return errorAnswer(error, { path: PATH, requestId }, parts);
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
  { response, startedMillis, requestId, measuredAs }: Exchange,
  metrics: Metrics,
  { status, headers, body }: Answer,
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(status, { 'x-request-id': requestId, ...headers, 'Content-Length': length });
  response.end(body);
  metrics.answered(measuredAs, status, (performance.now() - startedMillis) / 1000);
}

function headerOf({ headers }: IncomingMessage): string | undefined {
  const requestId = headers['x-request-id'];
  return typeof requestId === 'string' ? requestId : undefined;
}

/** `name`: in lower case. Names and values take turns in `rawHeaders`. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const found = rawHeaders[i] as string;
    if (found.length === name.length && found.toLowerCase() === name) count += 1;
  }
  return count;
}
