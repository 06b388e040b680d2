// Tests of the example's own features: rows and instants given inline, values computed by the real engine. They stand
// beside the definitions, as a user's would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { evaluateFeatures, type Row, readDefinitions } from '../../src/testing/index.ts';

const definitions = await readDefinitions(fileURLToPath(new URL('features', import.meta.url)));
const flight = (date: string, delay: number, destination = 'SFO'): Row => ({
  date,
  delay,
  distance: 1846,
  origin: 'ORD',
  destination,
});

// #region readme
test('a flight counts from 12 hours after its departure, at the next full hour', async () => {
  const rows = await evaluateFeatures({
    definitions,
    tables: { flights: [flight('2001-03-01T08:30:00Z', 40), flight('2001-03-01T09:00:00Z', 0)] },
    view: 'departures',
    at: [
      { airport: 'ORD', at: '2001-03-01T20:59:59Z' }, // e = 08:00
      { airport: 'ORD', at: '2001-03-01T21:00:00Z' }, // e = 09:00: a flight stamped exactly so is not before it
      { airport: 'ORD', at: '2001-03-01T22:00:00Z' }, // e = 10:00
    ],
  });
  assert.deepEqual(
    rows.map(({ flights_1d, mean_delay_1d, late_share_1d }) => [flights_1d, mean_delay_1d, late_share_1d]),
    [
      [0n, null, null],
      [1n, 40, 1],
      [2n, 20, 0.5],
    ],
  );
});
// #endregion

test('the same view answers for the airport of origin and for the one of destination', async () => {
  const [row] = await evaluateFeatures({
    definitions,
    tables: { flights: [flight('2001-03-01T08:00:00Z', 10), { ...flight('2001-03-01T08:00:00Z', 50), origin: 'SFO' }] },
    service: 'late_flight',
    at: [{ origin: 'ORD', destination: 'SFO', at: '2001-03-02T00:00:00Z' }],
  });
  assert.deepEqual(
    [row?.origin_mean_delay_1d, row?.destination_out_mean_delay_1d, row?.destination_in_mean_delay_1d],
    [10, 50, 30],
  );
});

test('the last flight of a route is forgotten after a week, and a landing hours before it was due never counts', async () => {
  const at = (instant: string): Row => ({ origin: 'ORD', destination: 'SFO', at: instant });
  const rows = await evaluateFeatures({
    definitions,
    tables: { flights: [flight('2001-03-01T08:00:00Z', 20), flight('2001-03-01T09:00:00Z', -1116)] },
    view: 'last_flight',
    at: [
      at('2001-03-01T20:00:00Z'),
      at('2001-03-01T21:00:00Z'),
      at('2001-03-08T08:00:00Z'),
      at('2001-03-08T08:00:01Z'),
    ],
  });
  assert.deepEqual(
    rows.map(({ delay, was_late }) => [delay, was_late]),
    [
      [null, null],
      [20n, true],
      [20n, true],
      [null, null],
    ],
  );
});

test('traffic sees the flights before the instant, to the microsecond, and the flight itself never', async () => {
  const flights = [
    flight('2001-02-27T10:00:00Z', 0),
    flight('2001-03-01T08:30:00Z', 40),
    { ...flight('2001-03-01T09:00:00Z', 0, 'DEN'), distance: 888 },
  ];
  const rows = await evaluateFeatures({
    definitions,
    tables: { flights },
    view: 'traffic',
    at: [
      { airport: 'ORD', at: '2001-03-01T09:00:00Z' }, // the flight of 09:00 is not before it
      { airport: 'ORD', at: '2001-03-01T09:00:00.000001Z' },
      { airport: 'ORD', at: '2001-03-01T09:35:00Z' }, // windows of an hour begin on the grid of 5 minutes: at 08:35
      { airport: 'ORD', at: '2001-03-08T10:00:00Z' },
    ],
  });
  assert.deepEqual(
    rows.map((row) => [row.flights_1h, row.flights_1d, row.flights_day_before, row.flights_7d, row.long_flights_1d]),
    [
      [1n, 1n, 1n, 2n, 1n],
      [2n, 2n, 1n, 3n, 1n],
      [1n, 2n, 1n, 3n, 1n],
      [0n, 0n, 0n, 0n, 0n],
    ],
  );
  assert.deepEqual(
    rows.map((row) => [row.last_departure, row.top_destinations_1d]).slice(1, 3),
    new Array(2).fill([
      ['DEN', 888n],
      [
        ['DEN', 1n],
        ['SFO', 1n],
      ],
    ]),
  );
});
