// Versions are registered and materialized again and again under load: servers pick them up without a restart, and every
// answer is of one version, columns and values alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookup, type RunningServe, tempProject } from '../e2e/project.ts';
import { PROFILES, UNTIL } from '../e2e/shop.ts';
import { until } from '../waiting.ts';

const VERSIONS = 6;
const BODY = { service: 'ranking', entities: [{ user_id: 1 }, { user_id: 2 }, { user_id: 1 }], at: UNTIL, asOf: true };

/** Even versions rename a feature, which the former generation then lacks; odd ones change values alone. */
const markOf = (version: number): string => `mark_${version - (version % 2)}`;

/** Every value says which version made it. */
const definitions = (version: number): string => `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources:
  - name: profiles
    kind: batch
    path: data/profiles.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, country: string, points: int64 }
featureViews:
  - name: profile
    kind: row
    entities: [user]
    source: profiles
    features:
      - { name: stamp, type: int64, expression: "points * 0 + ${version}" }
      - { name: ${markOf(version)}, type: int64, expression: "points * 0 + ${version}" }
featureServices: [{ name: ranking, features: ["profile:*"] }]
`;

interface Answer {
  readonly version: number;
  readonly features: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
  readonly changed?: readonly string[];
}

/** Throws where an answer mixes versions; counts what was seen. */
class Seen {
  readonly versions = new Set<number>();
  former = 0;
  notMaterialized = 0;
  newest = 0;

  async take(response: Response): Promise<void> {
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { version, features, rows, changed } = JSON.parse(text) as Answer;
    assert.ok(version >= this.newest, `version ${version} after ${this.newest}`);
    this.newest = version;
    this.versions.add(version);
    assert.deepEqual(features, ['profile__stamp', `profile__${markOf(version)}`], text);
    const madeBy = rows[0]?.[0] as number;
    if (changed === undefined) assert.equal(madeBy, version, text);
    else {
      assert.deepEqual(changed, ['profile']);
      // A run of the next version may end before this server has seen that version.
      assert.ok(madeBy === version - 1 || madeBy > version, text);
      if (madeBy < version) this.former += 1;
    }
    // Versions whose second feature is another one: the generation lacks it.
    const isAdded = markOf(version) !== markOf(madeBy);
    if (isAdded && madeBy < version) this.notMaterialized += 1;
    assert.deepEqual(rows, Array(BODY.entities.length).fill([madeBy, isAdded ? null : madeBy]), text);
  }
}

test('while versions come and go, every answer is of one, or says that its view is still served by the former', async () => {
  const project = await tempProject({
    'plumb.yaml': 'project: versions\nengine: { kind: duckdb, threads: 1 }\n',
    'data/profiles.jsonl': PROFILES.split('\n').slice(0, 2).join('\n'),
    'features/all.yaml': definitions(1),
  });
  const next = async (version: number, isSeen: () => Promise<unknown>): Promise<void> => {
    await project.write('features/all.yaml', definitions(version));
    const applied = await project.plumb('apply');
    assert.equal(applied.code, 0, applied.err);
    await isSeen();
    const { code, err } = await project.plumb('materialize', '--until', UNTIL);
    assert.equal(code, 0, err);
  };
  await next(1, async () => {});
  const servers = [await project.serve(), await project.serve()];
  let goesOn = true;
  const client = async (server: RunningServe, seen: Seen): Promise<void> => {
    while (goesOn) {
      await seen.take(await lookup(server.url, BODY));
      await sleep(1);
    }
  };
  const asking = [...servers, ...servers].map((server) => ({ server, seen: new Seen() }));
  const clients = Promise.all(asking.map(({ server, seen }) => client(server, seen)));
  clients.catch(() => undefined);
  /** A client that failed tells why at once. */
  const all = (isSo: (seen: Seen) => boolean): Promise<unknown> =>
    Promise.race([until(() => asking.every(({ seen }) => isSo(seen))), clients]);
  // Some come faster than servers look; between 4, 5 and their runs there is time to be asked.
  const waits: Readonly<Record<number, (seen: Seen) => boolean>> = {
    4: ({ notMaterialized }) => notMaterialized > 0,
    5: ({ former }) => former > 0,
  };
  for (let version = 2; version <= VERSIONS; version += 1) {
    const isSeen = waits[version] ?? (() => true);
    await next(version, () => all(isSeen));
    if (version === 4) await all(({ versions }) => versions.has(4));
  }
  await all(({ newest }) => newest === VERSIONS);
  goesOn = false;
  await clients;
  for (const { seen } of asking) {
    assert.equal(seen.newest, VERSIONS);
    assert.ok(seen.versions.size >= VERSIONS / 2, JSON.stringify([...seen.versions]));
    assert.ok(seen.former > 0 && seen.notMaterialized > 0, JSON.stringify(seen));
  }
  for (const server of servers) assert.equal((await server.stop()).code, 0);
});
