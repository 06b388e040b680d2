// What goes over HTTP, as types (DESIGN section 5), one file per resource under wire-types/: for SDKs, which take them without
// zod. The zod contracts in wire/ are checked against these. Instants are RFC 3339 text in UTC. Imports no package.
export * from './wire-types/datasets.ts';
export * from './wire-types/erasures.ts';
export * from './wire-types/errors.ts';
export * from './wire-types/events.ts';
export * from './wire-types/explanation.ts';
export * from './wire-types/jobs.ts';
export * from './wire-types/materializations.ts';
export * from './wire-types/online-features.ts';
export * from './wire-types/pages.ts';
export * from './wire-types/registry.ts';
export * from './wire-types/reports.ts';
export * from './wire-types/runs.ts';
export * from './wire-types/schedules.ts';
export * from './wire-types/status.ts';
export * from './wire-types/values.ts';
