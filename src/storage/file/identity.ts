import type { BigIntStats } from 'node:fs';

/** `<size>-<mtimeNs>-<ino>`: changes whenever a file was written again or replaced. */
export const fileIdentity = ({ size, mtimeNs, ino }: BigIntStats): string => `${size}-${mtimeNs}-${ino}`;
