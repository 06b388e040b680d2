// A project that is big enough to be caught in the middle: 20,000 keys are two batches of the online store.
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const USERS = 20_000;
/** Instants of the first, second and third materialization. */
export const T1 = '2026-01-08T00:00:00Z';
export const T2 = '2026-01-09T12:00:00Z';
export const T3 = '2026-01-10T12:00:00Z';
export const VIEWS = ['profile', 'recent', 'spending'] as const;

const PROJECT = 'project: crash\nonline: { kind: lmdb }\nengine: { kind: duckdb, threads: 1, memoryLimit: 1GB }\n';

const definitions = (extra: string): string => `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
sources:
  - name: profiles
    kind: batch
    path: data/profiles.jsonl
    format: jsonl
    timestampColumn: ts
    createdTimestampColumn: ingested_at
    columns: { user_id: int64, ts: timestamp, ingested_at: timestamp, country: string, points: int64 }
  - name: clicks
    kind: batch
    path: data/clicks.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, price: float64 }
featureViews:
  - name: profile
    kind: row
    entities: [user]
    source: profiles
    visibleFrom: created_time
    lateness: 1h
    features:
      - { name: country, type: string }
      - { name: points, type: int64 }
  - name: recent
    kind: aggregate
    entities: [user]
    source: clicks
    where: price < 400
    features:
      - { name: clicks_1d, aggregate: count, window: 1d, hop: 1h }
      - { name: last_price, aggregate: last, column: price, window: 3d, hop: 1h }
  - name: spending
    kind: aggregate
    entities: [user]
    source: clicks
    refresh: { every: 1h, delay: 0s }
    features:
      - { name: clicks_1d, aggregate: count, window: 1d }
      - { name: spend_1d, aggregate: sum, column: price, window: 1d }
${extra}
featureServices:
  - name: ranking
    features: [profile:*, recent:*, "spending:clicks_1d", "spending:spend_1d"]
`;

export const DEFINITIONS = definitions('');
/** One more feature: a new version, and another fingerprint of one view. */
export const CHANGED_DEFINITIONS = definitions(
  '      - { name: largest_1d, aggregate: max, column: price, window: 1d }\n',
);

const hour = (hours: number): string => new Date(Date.UTC(2026, 0, 1) + hours * 3_600_000).toISOString();
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const users = (isIn: (user: number) => boolean): number[] => Array.from({ length: USERS }, (_, i) => i).filter(isIn);

/** Until T1. */
const PROFILES = lines(
  users(() => true).map((user) => {
    const at = hour(user % 150);
    return { user_id: user, ts: at, ingested_at: at, country: `c${user % 9}`, points: user };
  }),
);
const CLICKS = lines(
  users((user) => user % 2 === 0).map((user) => ({ user_id: user, ts: hour(146 + (user % 22)), price: user / 8 })),
);

/** Between T1 and T2: new rows, rows that came late, and windows of T1 that are empty at T2. */
const MORE_PROFILES = lines(
  users((user) => user % 3 === 0).map((user) => {
    const ts = user % 2 === 0 ? hour(200) : hour(user % 160);
    return { user_id: user, ts, ingested_at: hour(199), country: 'new', points: -user };
  }),
);
const MORE_CLICKS = lines(
  users((user) => user % 5 === 0).map((user) => ({ user_id: user, ts: hour(203), price: 1.5 })),
);

/** Between T2 and T3. */
const LAST_PROFILES = lines(
  users((user) => user % 7 === 0).map((user) => {
    return { user_id: user, ts: hour(220), ingested_at: hour(220), country: 'last', points: 1 };
  }),
);

const LAST_CLICKS = lines(
  users((user) => user % 4 === 0).map((user) => ({ user_id: user, ts: hour(221), price: user })),
);

export const LABELS = `user_id,event_timestamp\n${users((user) => user % 11 === 0)
  .map((user) => `${user},${hour(100 + (user % 140))}`)
  .join('\n')}\n`;

export async function makeProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-crash-'));
  await mkdir(join(folder, 'features'));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'plumb.yaml'), PROJECT);
  await writeFile(join(folder, 'features/all.yaml'), DEFINITIONS);
  await writeFile(join(folder, 'data/profiles.jsonl'), PROFILES);
  await writeFile(join(folder, 'data/clicks.jsonl'), CLICKS);
  await writeFile(join(folder, 'labels.csv'), LABELS);
  return folder;
}

export async function addSecondDay(folder: string): Promise<void> {
  await appendFile(join(folder, 'data/profiles.jsonl'), MORE_PROFILES);
  await appendFile(join(folder, 'data/clicks.jsonl'), MORE_CLICKS);
}

export async function addThirdDay(folder: string): Promise<void> {
  await appendFile(join(folder, 'data/profiles.jsonl'), LAST_PROFILES);
  await appendFile(join(folder, 'data/clicks.jsonl'), LAST_CLICKS);
}

export const changeDefinitions = (folder: string): Promise<void> =>
  writeFile(join(folder, 'features/all.yaml'), CHANGED_DEFINITIONS);

/** A copy to be maltreated; removed by `removeProject`. */
export async function copyProject(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'plumb-crash-'));
  await cp(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

export const removeProject = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
