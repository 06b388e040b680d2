// What a scenario takes from its environment: `k6 run -e NAME=value …`. README.md says what each variable means.
import { type Key, parseKeys } from './keys.ts';

export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  /** Of each lookup, with the key of a server that asks for keys. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly one of the two, as the request has it. */
  readonly asked: { readonly service: string } | { readonly features: readonly string[] };
  readonly keys: readonly Key[];
  readonly entitiesPerRequest: number;
  /** null: the server's clock. */
  readonly at: string | null;
  readonly statuses: boolean;
  /** Requests per second; in a ramp, those of its plateau. */
  readonly ratePerSecond: number;
  /** Of the steady part, and of each part of a ramp; in the words of k6: `90s`, `1m30s`. */
  readonly duration: string;
  readonly vus: number;
  readonly maxVus: number;
  readonly timeout: string;
  readonly p95Millis: number;
  readonly p99Millis: number;
  /** The highest share of requests that may fail, and of arrivals that the generator may miss. */
  readonly errorShare: number;
  /** The lowest share of values that have to be PRESENT. */
  readonly presentShare: number;
}

export function readSettings(): Settings {
  const vus = wholeNumber('VUS', '20');
  return {
    url: read('PLUMB_URL', 'http://127.0.0.1:6567', 'an address such as http://127.0.0.1:6567', (text) =>
      /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/.test(text) ? text.replace(/\/+$/, '') : null,
    ),
    headers: {
      'Content-Type': 'application/json',
      ...(isSet('PLUMB_API_KEY')
        ? { Authorization: `Bearer ${read('PLUMB_API_KEY', null, 'a key', (text) => text)}` }
        : {}),
    },
    asked: readAsked(),
    keys: read('KEYS', null, 'join keys such as user_id=int64:1..100000', parseKeys),
    entitiesPerRequest: wholeNumber('ENTITIES', '1'),
    at: isSet('AT') ? read('AT', null, 'an instant such as 2026-01-08T00:00:00Z', instant) : null,
    statuses: read('STATUSES', 'true', 'true or false', (text) =>
      text === 'true' || text === 'false' ? text === 'true' : null,
    ),
    ratePerSecond: wholeNumber('RATE', '100'),
    duration: duration('DURATION', '1m'),
    vus,
    maxVus: atLeast('MAX_VUS', wholeNumber('MAX_VUS', String(vus * 4)), vus),
    timeout: duration('TIMEOUT', '10s'),
    p95Millis: positiveNumber('P95_MS', '10'),
    p99Millis: positiveNumber('P99_MS', '25'),
    errorShare: share('ERROR_SHARE', '0.001'),
    presentShare: share('PRESENT_SHARE', '0.5'),
  };
}

function readAsked(): Settings['asked'] {
  if (isSet('SERVICE') === isSet('FEATURES')) {
    throw new Error(`found ${isSet('SERVICE') ? 'both' : 'neither'} SERVICE and FEATURES, expected one of the two`);
  }
  if (isSet('SERVICE')) return { service: read('SERVICE', null, 'the name of a feature service', (text) => text) };
  return { features: read('FEATURES', null, 'view:feature,view:* with commas between', features) };
}

function features(text: string): readonly string[] | null {
  const names = text.split(',').map((name) => name.trim());
  return names.every((name) => /^[^:\s]+:[^:\s]+$/.test(name)) ? names : null;
}

const isSet = (name: string): boolean => (__ENV[name] ?? '') !== '';

/** `fallback` null: the variable is required. */
function read<T>(name: string, fallback: string | null, expected: string, parse: (text: string) => T | null): T {
  const text = isSet(name) ? __ENV[name] : fallback;
  if (text === null || text === undefined) throw new Error(`${name} is not set, expected ${expected}: -e ${name}=…`);
  const value = parse(text);
  if (value === null) throw new Error(`${name}: found "${text}", expected ${expected}`);
  return value;
}

const wholeNumber = (name: string, fallback: string): number =>
  read(name, fallback, 'a whole number from 1', (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : null));

const positiveNumber = (name: string, fallback: string): number =>
  read(name, fallback, 'a number above 0', (text) =>
    /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : null,
  );

const share = (name: string, fallback: string): number =>
  read(name, fallback, 'a share from 0 to 1', (text) =>
    /^\d(\.\d+)?$/.test(text) && Number(text) <= 1 ? Number(text) : null,
  );

const duration = (name: string, fallback: string): string =>
  read(name, fallback, 'a duration such as 30s, 5m or 1m30s', (text) =>
    /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) ? text : null,
  );

const instant = (text: string): string | null => (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? text : null);

function atLeast(name: string, value: number, least: number): number {
  if (value >= least) return value;
  throw new Error(`${name}: found ${value}, expected at least the ${least} of VUS`);
}
