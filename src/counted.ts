// Numbers of things in sentences and tables.

/** `1,234,567` */
export const count = (value: number): string => value.toLocaleString('en-US');

/** `1 file`, `2 files` */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
