// An option that is a duration.
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../instant.ts';

export function parseMillis(text: string): number {
  const micros = parseDuration(text);
  if (micros !== null) return Number(micros / 1000n);
  throw new InvalidArgumentError('expected a duration such as 30s or 10m');
}
