// The definitions of the example, with clicks whose features are worked out by hand; and the clicks that the demo makes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { OnlineFeaturesResponse } from '../../schemas/wire-types.ts';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { answerOf } from '../../test/e2e/http-client.ts';
import { lookup, tempProject } from '../../test/e2e/project.ts';
import { Clicks } from './generate.ts';

const FILES = ['plumb.yaml', 'features/clickstream.yaml'];
const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

test('visits end by a gap, the week ends at the instant, and the last page is the last whatever the order', async () => {
  const files = await Promise.all(FILES.map(async (name) => [name, await read(name)] as const));
  const project = await tempProject(Object.fromEntries(files));
  assert.equal((await project.plumb('apply')).code, 0);
  const { url } = await project.serve();
  const clicked = (id: string, clicked_at: string, page: string, kind = 'view') => ({
    id,
    user_id: 1,
    clicked_at,
    page,
    kind,
  });
  const clicks = [
    clicked('c', '2026-03-01T12:35:00Z', '/c', 'order'),
    clicked('a', '2026-03-01T12:05:00Z', '/a'),
    clicked('b', '2026-03-01T12:25:00Z', '/b'),
    clicked('d', '2026-03-01T13:05:01Z', '/a'),
    clicked('a', '2026-03-01T12:05:00Z', '/a'),
  ];
  const answer = await new PlumbClient({ url }).push('clicks', clicks, { wait: 'applied', timeout: '30s' });
  assert.deepEqual([answer.accepted, answer.duplicates, answer.applied], [4, 1, true]);
  const at = async (instant: string) => {
    const body = { service: 'visitor', entities: [{ user_id: 1 }], at: instant };
    const { features, rows } = await answerOf<OnlineFeaturesResponse>(await lookup(url, body));
    const values = Object.fromEntries(features.map((name, i) => [name, rows[0]?.[i]]));
    const names = [
      'visits__visits_7d',
      'visits__clicks_of_open_visit',
      'interest__clicks_7d',
      'interest__orders_7d',
      'newest__page',
    ];
    return names.map((name) => values[name]);
  };
  assert.deepEqual(await at('2026-03-01T12:40:00Z'), [1, 3, 3, 1, '/c']);
  assert.deepEqual(await at('2026-03-01T13:06:00Z'), [2, 1, 4, 1, '/a']);
  assert.deepEqual(await at('2026-03-01T14:00:00Z'), [2, 0, 4, 1, '/a']);
  assert.deepEqual(await at('2026-03-10T00:00:00Z'), [0, 0, 0, 0, '/a']);
});

test('the same seed makes the same clicks; few users make most of them, some come twice', () => {
  const made = [1, 1, 2].map((seed) => new Clicks({ seed, users: 100, pages: 10 }).next(2000, 1_767_225_600_000));
  assert.deepEqual(made[0], made[1]);
  assert.notDeepEqual(made[0], made[2]);
  const [clicks = []] = made;
  const ofFirst = clicks.filter(({ user_id }) => user_id === 1).length;
  assert.ok(ofFirst > 200, `${ofFirst} clicks of the first user`);
  const repeated = clicks.length - new Set(clicks.map(({ id }) => id)).size;
  assert.ok(repeated > 50 && repeated < 150, `${repeated} come twice`);
});
