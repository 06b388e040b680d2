// The files of `plumb init`. Sample events end at the moment of the command, so that windows up to now hold some.
import { formatInstant } from '../instant.ts';
import { EXAMPLE_TYPESCRIPT, tsconfig } from './starter-typescript.ts';

export interface StarterOptions {
  readonly project: string;
  readonly nowMicros: bigint;
  /** Relative path of the folder of JSON Schemas; null where there is no stable one. */
  readonly schemas: string | null;
  /** The file of @plumb/schemas that an editor is told; null where it finds the package by itself. */
  readonly schemasFile: string | null;
}

export const TSCONFIG = 'tsconfig.json';

/** Path relative to the project's folder → content. */
export function starterFiles({
  project,
  nowMicros,
  schemas,
  schemasFile,
}: StarterOptions): ReadonlyMap<string, string> {
  const schemaLine = (name: string, up: string): string =>
    schemas === null ? '' : `# yaml-language-server: $schema=${up}${schemas}/${name}.schema.json\n`;
  return new Map([
    ['plumb.yaml', schemaLine('project', '') + projectFile(project)],
    ['features/example.yaml', schemaLine('definitions', '../') + DEFINITIONS],
    ['features/example.ts', EXAMPLE_TYPESCRIPT],
    [TSCONFIG, tsconfig(schemasFile)],
    ['data/profiles.jsonl', jsonLines(profiles(nowMicros))],
    ['data/clicks.jsonl', jsonLines(clicks(nowMicros))],
    ['data/labels.csv', labels(nowMicros)],
  ]);
}

const projectFile = (
  project: string,
): string => `# The project file of Plumb. Paths are relative to it; every key is also an environment variable, such as
# PLUMB_SERVER_PORT for server.port.
project: ${project}
definitions: features        # folder of definition files
storage: .plumb              # registry, snapshots, datasets; keep it out of version control
online: { kind: lmdb }       # where served features live
engine: { kind: duckdb }     # what computes them
server: { host: 127.0.0.1, port: 6567 }
`;

const DEFINITIONS = `# What features are about.
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]

# Where rows come from.
sources:
  - name: profiles
    kind: batch
    path: data/profiles.jsonl
    format: jsonl
    timestampColumn: updated_at
    columns: { user_id: int64, updated_at: timestamp, country: string, age: int32 }
  - name: clicks
    kind: batch
    path: data/clicks.jsonl
    format: jsonl
    timestampColumn: clicked_at
    columns: { user_id: int64, clicked_at: timestamp, item: string, price: float64 }

featureViews:
  # A row view: the latest row of each user.
  - name: user_profile
    kind: row
    entities: [user]
    source: profiles
    features:
      - { name: country, type: string }
      - { name: is_adult, type: bool, expression: "age >= 18" }

  # An aggregate view: windows over the clicks of each user, computed at every full hour.
  - name: user_clicks
    kind: aggregate
    entities: [user]
    source: clicks
    refresh: { every: 1h, delay: 5m }
    features:
      - { name: clicks_1d, aggregate: count, window: 1d }
      - { name: spend_7d, aggregate: sum, column: price, window: 7d, default: 0 }
      - { name: last_items, aggregate: last_n, n: 3, column: item, window: 7d }

# What a model asks for, in this order.
featureServices:
  - name: example
    features: [user_profile:*, user_clicks:*]
`;

const HOUR_MICROS = 3_600_000_000n;
const COUNTRIES = ['US', 'DE', 'JP'];
const ITEMS = ['lamp', 'chair', 'desk', 'shelf'];
const USERS = [1, 2, 3];

const hoursBefore = (nowMicros: bigint, hours: number): string =>
  formatInstant((nowMicros / 1_000_000n) * 1_000_000n - BigInt(hours) * HOUR_MICROS);

const profiles = (nowMicros: bigint): readonly object[] =>
  USERS.map((user, i) => ({
    user_id: user,
    updated_at: hoursBefore(nowMicros, 24 * 30 + i),
    country: COUNTRIES[i],
    age: 16 + 9 * i,
  }));

/** Each user clicks every 5, 10, 15 hours of the last ten days. */
const clicks = (nowMicros: bigint): readonly object[] =>
  USERS.flatMap((user) =>
    Array.from({ length: Math.floor(240 / (5 * user)) }, (_, i) => ({
      user_id: user,
      clicked_at: hoursBefore(nowMicros, 3 + i * 5 * user),
      item: ITEMS[(i + user) % ITEMS.length],
      price: 10 + ((i * 7) % 20) + 0.5,
    })),
  );

const labels = (nowMicros: bigint): string =>
  [
    'user_id,event_timestamp,bought',
    ...USERS.map((user) => `${user},${hoursBefore(nowMicros, 24 * user)},${user % 2 === 1}`),
    '',
  ].join('\n');

const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
