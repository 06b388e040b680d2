// No feature of a flight may see the flight's own delay, nor that of any flight which had not landed when it left. Shown on
// real flights: whatever their delays are changed to, the features stay as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { FLIGHTS } from '../../examples/flights/demo/data.ts';
import { evaluateFeatures, type Row, readDefinitions } from '../../src/testing/index.ts';

interface Flight {
  readonly micros: bigint;
  readonly delay: number;
  readonly origin: string;
  readonly destination: string;
}

const HOUR_MICROS = 3_600_000_000n;
const LABEL_COUNT = 60;
/** No real flight was as late as this. */
const ABSURD = 90_000;
const AIRPORTS = ['ORD', 'SFO', 'DEN'];

const definitions = await readDefinitions(fileURLToPath(new URL('../../examples/flights/features', import.meta.url)));
const flights = await readFlights();
/** The last ones, so that others lie before them. */
const labels = flights.filter((_, i) => i % 7 === 0).slice(-LABEL_COUNT);
const lastHour = (label: Flight): bigint => label.micros - (label.micros % HOUR_MICROS) - 12n * HOUR_MICROS;

/** One world per label, kept apart by names of airports, each with delays of its own; the features of each label in its. */
function evaluateEach(delayOf: (flight: Flight, label: Flight) => number): Promise<readonly object[]> {
  const named = ({ origin, destination }: Flight, world: number) => ({
    origin: `${world} ${origin}`,
    destination: `${world} ${destination}`,
  });
  const rows = labels.flatMap((label, world) =>
    flights.map(
      (flight): Row => ({
        date: instant(flight),
        delay: delayOf(flight, label),
        distance: 0,
        ...named(flight, world),
      }),
    ),
  );
  const at = labels.map((label, world): Row => ({ ...named(label, world), at: instant(label) }));
  return evaluateFeatures({ definitions, tables: { flights: rows }, service: 'late_flight', at });
}

test('the features of a flight do not change with its own delay, nor with those of flights that may not have landed', async () => {
  const real = await evaluateEach(({ delay }) => delay);
  assert.ok(
    real.every((row) => 'last_flight__delay' in row && row.last_flight__delay !== null),
    'there is something to see',
  );
  const hidden = await evaluateEach((flight, label) =>
    flight.micros > label.micros - 12n * HOUR_MICROS ? ABSURD : flight.delay,
  );
  assert.deepEqual(hidden, real);
});

test('they do change with the delays of the hour before the last boundary, so the test above can fail', async () => {
  const real = await evaluateEach(({ delay }) => delay);
  const changed = await evaluateEach((flight, label) => {
    const end = lastHour(label);
    return flight.micros < end && flight.micros >= end - 6n * HOUR_MICROS ? ABSURD : flight.delay;
  });
  const same = changed.filter((row, i) => JSON.stringify(row, asText) === JSON.stringify(real[i], asText));
  assert.ok(same.length < LABEL_COUNT / 2, `${same.length} of ${LABEL_COUNT} are the same`);
});

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
const instant = ({ micros }: Flight): string => new Date(Number(micros / 1000n)).toISOString();

/** Ten days of all flights between three airports. */
async function readFlights(): Promise<readonly Flight[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const list = AIRPORTS.map((airport) => `'${airport}'`).join();
  const reader = await connection.runAndReadAll(
    `SELECT epoch_us(date) AS micros, delay::INTEGER AS delay, origin, destination FROM '${FLIGHTS}'
     WHERE origin IN (${list}) AND destination IN (${list}) AND date >= '2001-03-01' AND date < '2001-03-06'
     ORDER BY ALL`,
  );
  const rows = reader.getRowObjectsJS() as unknown as readonly Flight[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}
