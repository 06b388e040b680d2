// POST /v1/sources/{source}/events
import { Hono } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { pushQuerySchema, pushRequestSchema } from '../../../schemas/wire.ts';
import type { PushAnswer } from '../../../schemas/wire-types.ts';
import { counted } from '../../counted.ts';
import type { Push, PushedTo } from '../../ingest/push/push.ts';
import { parseDuration } from '../../instant.ts';
import type { Json } from '../../json-value.ts';
import { requireContract } from '../contract.ts';
import { jsonBody } from '../json.ts';
import type { HttpLimits } from '../limits.ts';
import { readQuery } from '../query.ts';
import { readJsonBody } from '../request-body.ts';

export interface Awaited {
  readonly source: string;
  readonly pushed: readonly PushedTo[];
  readonly timeoutMillis: number;
}

export interface EventPorts {
  readonly push: Push;
  /** Whether all views that the source feeds have what lies before the positions; false when the time is over. */
  readonly waitApplied: (awaited: Awaited) => Promise<boolean>;
  readonly limits: Pick<HttpLimits, 'bodyBytes' | 'eventsPerRequest'>;
}

/** Beyond that a request is answered at once, as not applied: each of them looks into the store again and again. */
const MOST_WAITING = 1000;

export function eventRoutes({ push, waitApplied, limits }: EventPorts): Hono {
  let waiting = 0;
  const isApplied = async (awaited: Awaited): Promise<boolean> => {
    if (waiting >= MOST_WAITING) return false;
    waiting += 1;
    try {
      return await waitApplied(awaited);
    } finally {
      waiting -= 1;
    }
  };
  const routes = new Hono();
  routes.post('/v1/sources/:source/events', async (context) => {
    const source = context.req.param('source');
    const caller = context.get('caller');
    caller.requireSource(source);
    const { wait, timeout = '5s' } = readQuery(context, pushQuerySchema);
    const body = await readJsonBody(context, limits.bodyBytes);
    requireFew(body.events, limits.eventsPerRequest);
    const { events, onError = 'reject_all' } = requireContract(pushRequestSchema, body, '$', { hidden: ['events'] });
    const { answer, positions: pushed } = await push.push({
      source,
      events: events as readonly Json[],
      onError,
      by: caller.keyId,
    });
    refuseAllBad(answer);
    if (wait === undefined) return jsonBody(context, answer, 202);
    const timeoutMillis = Number(parseDuration(timeout)) / 1000;
    return jsonBody(context, { ...answer, applied: await isApplied({ source, pushed, timeoutMillis }) }, 202);
  });
  return routes;
}

/** Before each of them is looked at. */
function requireFew(events: unknown, most: number): void {
  if (!Array.isArray(events) || events.length <= most) return;
  const message = `$.events: found ${counted(events.length, 'event')}, expected at most ${most}: push them in several requests`;
  throw new PlumbError('TOO_LARGE', message, { details: { path: '$.events', limit: 'eventsPerRequest', most } });
}

/** INVALID_EVENTS where some were rejected and nothing was accepted. */
function refuseAllBad({ accepted, duplicates, rejected }: PushAnswer): void {
  const [first] = rejected;
  if (first === undefined || accepted + duplicates > 0) return;
  const place = `$.events[${first.index}]${first.path === '' ? '' : `.${first.path}`}`;
  const more = rejected.length === 1 ? '' : `, and ${counted(rejected.length - 1, 'more event')}`;
  throw new PlumbError('INVALID_EVENTS', `none was accepted: ${place}: ${first.message}${more}`, {
    details: { rejected, count: rejected.length },
  });
}
