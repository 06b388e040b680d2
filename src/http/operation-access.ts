// What an operation asks of a key and of the server, by its id.
import type { Duty } from '../../schemas/duties.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { OPERATIONS } from '../../schemas/operations.ts';
import type { KeyAccess } from '../../schemas/roles.ts';
import type { Caller } from '../access/caller.ts';

/** Of one that is not open. */
export function accessOf(operation: string): KeyAccess {
  const access = OPERATIONS.find(({ id }) => id === operation)?.access;
  if (access === undefined || access === 'open') throw new Error(`the operation ${operation} asks for no key`);
  return access;
}

interface Asked {
  readonly caller: Caller;
  readonly duties: readonly Duty[];
}

/** For a field of the request that asks for more than its operation: FORBIDDEN, NOT_SERVED. */
export function requireField(operation: string, field: string, { caller, duties }: Asked): void {
  const needs = OPERATIONS.find(({ id }) => id === operation)?.fields?.[field];
  if (needs === undefined) throw new Error(`the field ${field} of ${operation} asks for no more than the operation`);
  caller.requireAccess(needs.access);
  if (!duties.includes(needs.duty)) throw notServed(needs.duty, `$.${field}: `);
}

/** `what`: what needs the duty, in front of the sentence. */
export const notServed = (duty: Duty, what = ''): PlumbError =>
  new PlumbError(
    'NOT_SERVED',
    `${what}this server was started without the duty ${duty}: ask another one, or start it with that duty`,
    { details: { duty } },
  );
