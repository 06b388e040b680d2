// One lookup and what has to hold for its answer, shared by the scenarios.
import { check, fail } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import type { Status } from '../../schemas/types.ts';
import type { KeyValue } from './keys.ts';
import type { Settings } from './settings.ts';

/** Share of values with status PRESENT: keys that are not in the store make a fast and worthless test. */
const present = new Rate('plumb_present');

export function thresholds(settings: Settings): NonNullable<Options['thresholds']> {
  const { p95Millis, p99Millis, errorShare, presentShare, statuses, ratePerSecond } = settings;
  return {
    http_req_duration: [`p(95)<${p95Millis}`, `p(99)<${p99Millis}`],
    http_req_failed: [`rate<=${errorShare}`],
    checks: [`rate>=${1 - errorShare}`],
    // Of a counter, `rate` is per second. A generator that misses arrivals did not measure the load that was asked for.
    dropped_iterations: [`rate<=${ratePerSecond * errorShare}`],
    ...(statuses ? { plumb_present: [`rate>=${presentShare}`] } : {}),
  };
}

/** What the answers of this run have to name; found by the lookup of setup(). */
export interface Expected {
  readonly features: readonly string[];
}

/** Ends the test before it starts where the server refuses the lookup. */
export function firstLookup(settings: Settings): Expected {
  const response = ask(settings);
  if (response.status !== 200) {
    const found = response.status === 0 ? response.error : `${response.status}: ${response.body}`;
    fail(`${settings.url}/v1/online-features does not answer 200 but ${found}`);
  }
  return { features: answerOf(response)?.features ?? [] };
}

export function lookup(settings: Settings, { features }: Expected): void {
  const response = ask(settings);
  const answer = answerOf(response);
  check(response, {
    'status is 200': ({ status }) => status === 200,
    'a row per entity': () => answer?.rows?.length === settings.entitiesPerRequest,
    'every feature present': () =>
      features.length > 0 &&
      String(answer?.features) === String(features) &&
      answer?.rows?.every((row) => row.length === features.length) === true,
  });
  if (settings.statuses) checkStatuses(response, answer, settings.entitiesPerRequest * features.length);
}

interface Answer {
  readonly features?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly statuses?: readonly (readonly string[])[];
}

type TextResponse = RefinedResponse<'text'>;

function checkStatuses(response: TextResponse, answer: Answer | null, values: number): void {
  const statuses = (answer?.statuses ?? []).reduce<readonly string[]>((all, row) => all.concat(row), []);
  check(response, {
    'a known status per value': () => statuses.length === values && statuses.every((status) => status in KNOWN),
  });
  for (const status of statuses) present.add(status === 'PRESENT');
}

/** A record, so that a status that is added to the contract is missed by the type check. */
const KNOWN: Readonly<Record<Status, true>> = {
  UNAVAILABLE: true,
  NOT_MATERIALIZED: true,
  TOO_EARLY: true,
  NOT_FOUND: true,
  OUTSIDE_MAX_AGE: true,
  INVALID: true,
  NULL_VALUE: true,
  PRESENT: true,
};

function ask({ url, headers, asked, keys, entitiesPerRequest, at, statuses, timeout }: Settings): TextResponse {
  const entities: Readonly<Record<string, KeyValue>>[] = [];
  for (let i = 0; i < entitiesPerRequest; i += 1) {
    entities.push(Object.fromEntries(keys.map(({ name, draw }) => [name, draw()])));
  }
  const body = { ...asked, entities, statuses, ...(at === null ? {} : { at }) };
  // One name for all requests: else each would be a time series of its own.
  const tags = { name: 'online-features' };
  const params = { headers, responseType: 'text' as const, timeout, tags };
  return http.post(`${url}/v1/online-features`, JSON.stringify(body), params);
}

/** null where the body is no JSON. int64 values lose digits here, so values are not compared. */
function answerOf({ body }: TextResponse): Answer | null {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return null;
  }
}
