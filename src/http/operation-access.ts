// What an operation asks of a key, by its id.
import { OPERATIONS } from '../../schemas/operations.ts';
import type { KeyAccess } from '../../schemas/roles.ts';

/** Of one that is not open. */
export function accessOf(operation: string): KeyAccess {
  const access = OPERATIONS.find(({ id }) => id === operation)?.access;
  if (access === undefined || access === 'open') throw new Error(`the operation ${operation} asks for no key`);
  return access;
}
