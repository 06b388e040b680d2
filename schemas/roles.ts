// What keys may do, and what each operation asks of one. Imports nothing.

/** Each role includes those before it. */
export const ROLES = ['reader', 'writer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_MEANINGS: Readonly<Record<Role, string>> = {
  reader: 'reads: lookups, definitions, status, training sets with their files, jobs, metrics',
  writer: 'also makes training sets, and cancels their jobs',
  operator: 'also materializes, erases keys of entities, pauses and runs schedules, and cancels any job',
  admin: 'also everything that will come; keys themselves are made by `plumb key`, not over HTTP',
};

export const includesRole = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/**
 * What a key needs for an operation. `about` is for keys that are limited to some services or sources: an operation about one
 * of these is theirs where it is about one that they name, one about the whole project never is, and one about neither always.
 */
export interface KeyAccess {
  readonly role: Role;
  readonly about: 'service' | 'source' | 'project' | 'neither';
}

/** `open`: without a key. */
export type Access = 'open' | KeyAccess;
