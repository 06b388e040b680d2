// A steady load: RATE lookups per second for DURATION, whether answers come fast or slow (an open model: a slow server
// does not slow the arrivals down, so that its latency shows).
import type { Options } from 'k6/options';
import { type Expected, firstLookup, lookup, thresholds } from './lookup.ts';
import { readSettings } from './settings.ts';

const settings = readSettings();

export const options: Options = {
  scenarios: {
    steady: {
      executor: 'constant-arrival-rate',
      rate: settings.ratePerSecond,
      timeUnit: '1s',
      duration: settings.duration,
      preAllocatedVUs: settings.vus,
      maxVUs: settings.maxVus,
    },
  },
  thresholds: thresholds(settings),
  summaryTrendStats: ['avg', 'med', 'p(95)', 'p(99)', 'max'],
};

export const setup = (): Expected => firstLookup(settings);

export default function (expected: Expected): void {
  lookup(settings, expected);
}
