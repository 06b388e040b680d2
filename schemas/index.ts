// @plumb/schemas: the contracts of Plumb. Definition files import the builders from here. Imports zod only.
export * from './builders.ts';
export * from './definitions.ts';
export * from './environment.ts';
export * from './errors.ts';
export * from './json-schemas.ts';
export * from './openapi.ts';
export * from './operations.ts';
export * from './project.ts';
export * from './types.ts';
export * from './wire.ts';
export type * from './wire-types.ts';
