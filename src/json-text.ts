// One JSON document for a program to read. int64 values keep all their digits.

/** `JSON.rawJSON` is in Node 24 but not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

const keepDigits = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? rawJSON(value.toString()) : value;

export const jsonLine = (document: unknown): string => JSON.stringify(document, keepDigits);
export const jsonText = (document: unknown): string => `${JSON.stringify(document, keepDigits, 2)}\n`;
