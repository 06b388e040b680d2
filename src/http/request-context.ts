// What is known of a request before its handler runs: who asks, and the id by which answers and logs name it.
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { Caller } from '../access/caller.ts';
import { withoutSecrets } from '../key-text.ts';

declare module 'hono' {
  interface ContextVariableMap {
    requestId: string;
    caller: Caller;
    /** In place of the operation, where it took a way that is not to be measured with others. */
    measuredAs: string | undefined;
  }
}

/** The client's own, where it is harmless in a header and in a log; else a new one. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && isRequestId(given) ? given : randomUUID();

/** Not where a key was put there by mistake: ids are logged. */
const isRequestId = (text: string): boolean => /^[\w.:-]{1,128}$/.test(text) && withoutSecrets(text) === text;

/** From here on the answer has the id. */
export function nameRequest(context: Context): string {
  const known = context.get('requestId') as string | undefined;
  const requestId = known ?? requestIdOf(context.req.header('x-request-id'));
  context.set('requestId', requestId);
  context.header('x-request-id', requestId);
  return requestId;
}
