// The HTTP contract (DESIGN section 5) as zod, one file per resource under wire/. Each is held to its plain type in
// wire-types.ts, which SDKs take, at compile time.
export * from './wire/datasets.ts';
export * from './wire/erasures.ts';
export * from './wire/error.ts';
export * from './wire/events.ts';
export * from './wire/health.ts';
export * from './wire/jobs.ts';
export * from './wire/materializations.ts';
export * from './wire/online-features.ts';
export * from './wire/pages.ts';
export * from './wire/registry.ts';
export * from './wire/reports.ts';
export * from './wire/runs.ts';
export * from './wire/schedules.ts';
export * from './wire/status.ts';
