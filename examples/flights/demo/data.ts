// What a user brings: flights, and labels. Written with DuckDB here; any table of keys and instants would do.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance, type Json } from '@duckdb/node-api';

/** What features/airports.yaml names by its relative path. */
export const FLIGHTS = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')));

/** Every n-th flight of June, the last month of the data, with what a model is to foretell. */
export async function writeLabels(file: string, everyNth: number): Promise<number> {
  const flights = `read_parquet(${text(FLIGHTS)}, file_row_number = true)`;
  return await write(
    file,
    `SELECT origin, destination, date AS event_timestamp, delay > 15 AS late FROM ${flights}
     WHERE date >= '2001-06-01' AND file_row_number % ${everyNth} = 0 ORDER BY file_row_number`,
  );
}

/** Every route that was ever flown, and some that never were, all asked about at one instant. */
export async function writeRoutes(file: string, at: string): Promise<number> {
  const invented = "SELECT * FROM (VALUES ('ORD', 'ORD'), ('ORD', 'nowhere'), ('nowhere', 'ORD'), (NULL, 'ORD'))";
  return await write(
    file,
    `SELECT *, ${text(at)}::TIMESTAMPTZ AT TIME ZONE 'UTC' AS event_timestamp FROM
     (SELECT DISTINCT origin, destination FROM ${text(FLIGHTS)} UNION ALL ${invented} ORDER BY ALL)`,
  );
}

/** Training rows whose `last_flight` is younger than it can be: flights that may have been in the air still. */
export async function countUnlanded(trainingSet: string): Promise<number> {
  return await count(trainingSet, 'last_flight__departed_at > event_timestamp - INTERVAL 12 HOURS');
}

/** Every airport that flights leave, and one that is not there, asked about at each of the instants. */
export async function writeAirports(file: string, instants: readonly string[]): Promise<number> {
  const list = instants.map((at) => `(${text(at)})`).join();
  return await write(
    file,
    `SELECT airport, instant::TIMESTAMPTZ AT TIME ZONE 'UTC' AS event_timestamp FROM
     (SELECT DISTINCT origin AS airport FROM ${text(FLIGHTS)} UNION ALL SELECT 'nowhere'), (VALUES ${list}) AS instants(instant)
     ORDER BY event_timestamp, airport`,
  );
}

/** Training rows whose traffic, which reads no delay, has a flight of their own instant or of a later one. */
export async function countNotBefore(trainingSet: string): Promise<number> {
  return await count(trainingSet, 'origin_now_last_departure_at >= event_timestamp');
}

async function write(file: string, select: string): Promise<number> {
  if (!existsSync(FLIGHTS)) throw new Error(`${FLIGHTS} is missing: run npm ci`);
  const [row] = await query(`COPY (${select}) TO ${text(file)}`);
  return Number(row?.Count);
}

async function count(file: string, condition: string): Promise<number> {
  const [row] = await query(`SELECT count(*)::INTEGER AS n FROM ${text(file)} WHERE ${condition}`);
  return Number(row?.n);
}

async function query(sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
