// A training set as commands name it.
import { PlumbError } from '../../schemas/errors.ts';

/** `version` null: the newest. */
export function parseReference(reference: string): { readonly name: string; readonly version: number | null } {
  const match = /^([^@]+)(?:@(?:latest|([1-9]\d{0,8})))?$/.exec(reference);
  if (match?.[1] !== undefined) return { name: match[1], version: match[2] === undefined ? null : Number(match[2]) };
  throw new PlumbError(
    'INVALID_REQUEST',
    `found "${reference}", expected NAME, NAME@VERSION such as training@3, or NAME@latest`,
  );
}
