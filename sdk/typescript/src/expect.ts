// A small look at answers where the SDK depends on their shape; the server's contract has the rest.
import { PlumbProtocolError } from './errors.ts';

/** `shape`: fields that the SDK reads, and what each must be. */
export function expectShape<T>(
  what: string,
  answer: unknown,
  shape: Readonly<Record<string, 'array' | 'string' | 'number' | 'object'>>,
): T {
  const fields = typeof answer === 'object' && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {};
  for (const [name, kind] of Object.entries(shape)) {
    const value = fields[name];
    const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (found !== kind) throw new PlumbProtocolError(`${what}: \`${name}\` is ${found}, expected ${kind}`);
  }
  return answer as T;
}
