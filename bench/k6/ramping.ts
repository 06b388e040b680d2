// A ramp: up to RATE lookups per second within DURATION, on that plateau as long, and down again. The point where latency
// leaves its level is where the server is saturated.
import type { Options } from 'k6/options';
import { type Expected, firstLookup, lookup, thresholds } from './lookup.ts';
import { readSettings } from './settings.ts';

const settings = readSettings();
const { ratePerSecond, duration } = settings;

export const options: Options = {
  scenarios: {
    ramping: {
      executor: 'ramping-arrival-rate',
      startRate: Math.ceil(ratePerSecond / 10),
      timeUnit: '1s',
      stages: [
        { duration, target: ratePerSecond },
        { duration, target: ratePerSecond },
        { duration, target: 0 },
      ],
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
