// POST /v1/sources/{source}/events
import { Hono } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { pushRequestSchema } from '../../../schemas/wire.ts';
import type { PushAnswer } from '../../../schemas/wire-types.ts';
import { counted } from '../../counted.ts';
import type { Push } from '../../ingest/push/push.ts';
import type { Json } from '../../json-value.ts';
import { requireContract } from '../contract.ts';
import { jsonBody } from '../json.ts';
import type { HttpLimits } from '../limits.ts';
import { readJsonBody } from '../request-body.ts';

export interface EventPorts {
  readonly push: Push;
  readonly limits: Pick<HttpLimits, 'bodyBytes' | 'eventsPerRequest'>;
}

export function eventRoutes({ push, limits }: EventPorts): Hono {
  const routes = new Hono();
  routes.post('/v1/sources/:source/events', async (context) => {
    const source = context.req.param('source');
    const caller = context.get('caller');
    caller.requireSource(source);
    const body = await readJsonBody(context, limits.bodyBytes);
    requireFew(body.events, limits.eventsPerRequest);
    const { events, onError = 'reject_all' } = requireContract(pushRequestSchema, body, '$', { hidden: ['events'] });
    const answer = await push.push({ source, events: events as readonly Json[], onError, by: caller.keyId });
    refuseAllBad(answer);
    return jsonBody(context, answer, 202);
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
