/** Undefined where all is well, else what is wrong. */
export type TryWorld = (seed: number) => Promise<string | undefined>;
