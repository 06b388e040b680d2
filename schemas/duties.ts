/** What a server does. Apart from the contract of the project file, so that the command line needs not load that. */
export const DUTIES = ['lookup', 'stream', 'jobs', 'schedule'] as const;
export type Duty = (typeof DUTIES)[number];
