// PLUMB_ variables that nothing reads and that are near to one that is read: most likely misspelt. Others are left alone,
// because orchestrators invent some.
import { projectVariables } from '../../schemas/environment.ts';
import { nearestName } from '../nearest.ts';
import { shorten } from '../quote.ts';

/** Read beside the project's, by the program, its SDK and its tests. */
const OTHER = [
  'PLUMB_LOG_LEVEL',
  'PLUMB_DEBUG',
  'PLUMB_URL',
  'PLUMB_API_KEY',
  'PLUMB_SEED',
  'PLUMB_WORLDS',
  'PLUMB_FAILPOINT',
  'PLUMB_FAILPOINT_LOG',
  'PLUMB_FAILPOINT_PAUSE',
];

/** Kubernetes makes them for a service that is called plumb. */
const INVENTED = /^PLUMB_(?:.*_)?SERVICE_(?:HOST|PORT)|^PLUMB_PORT(?:_\d+_(?:TCP|UDP).*)?$/;
const IGNORED = /^PLUMB_TEST_/;

/** One sentence for each. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = [...projectVariables().keys(), ...OTHER];
  return Object.keys(env).flatMap((name) => {
    const upper = name.toUpperCase();
    if (!upper.startsWith('PLUMB_') || known.includes(upper) || INVENTED.test(upper) || IGNORED.test(upper)) return [];
    const nearest = nearestName(name, known);
    return nearest === null ? [] : [`nothing reads the variable ${shorten(name)}; did you mean ${nearest}?`];
  });
}
