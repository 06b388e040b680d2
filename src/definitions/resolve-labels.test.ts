// Views of kind `label`: what they are, and what they cannot have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { LabelView } from '../catalog/catalog.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

const DAY = 86_400_000_000n;
const COUNT = { name: 'n', aggregate: 'count', window: '7d' };

async function resolved(view: object = {}, feature: object = {}): Promise<LabelView> {
  const definitions = {
    entities: [{ name: 'user', joinKeys: [{ name: 'k', type: 'int64' }] }],
    sources: [
      {
        ...{ name: 's', kind: 'batch', path: 'p', format: 'parquet', timestampColumn: 'ts' },
        createdTimestampColumn: 'made',
      },
    ],
    featureViews: [
      {
        name: 'churned',
        kind: 'label',
        entities: ['user'],
        source: 's',
        features: [{ ...COUNT, ...feature }],
        ...view,
      },
    ],
    featureServices: [{ name: 'training', features: ['churned:*'] }],
  } as unknown as DefinitionsInput;
  const inspector = fakeInspector({ p: { k: 'int64', ts: 'timestamp', made: 'timestamp', a: 'float64' } });
  const catalog = await resolveDefinitions(definitions, { project: 'p', inspector, compiler: fakeCompiler });
  const label = catalog.views.get('churned');
  assert.ok(label?.kind === 'label');
  return label;
}

async function refused(view: object, feature: object = {}): Promise<readonly string[]> {
  try {
    await resolved(view, feature);
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
    return (error.details.issues as readonly Mistake[]).map(({ path, found, expected }) =>
      [path.replace('featureViews[0].', ''), found, expected].join(' | '),
    );
  }
  return [];
}

test('a label has windows without a hop, no boundary, and is visible by event time', async () => {
  const label = await resolved({ where: 'a > 1' }, { aggregate: 'sum', column: 'a', default: 0 });
  assert.deepEqual([label.refresh, label.visibleFrom, label.online], [null, 'event_time', undefined]);
  const [feature] = label.features;
  assert.deepEqual(
    [feature?.windowMicros, feature?.hopMicros, feature?.type, feature?.default],
    [7n * DAY, null, 'float64', 0],
  );
});

test('what is so anyway may be said', async () => {
  const { fingerprint } = await resolved();
  assert.equal((await resolved({ visibleFrom: 'event_time', online: false })).fingerprint, fingerprint);
  assert.notEqual((await resolved({}, { window: '8d' })).fingerprint, fingerprint);
});

const KEY = (name: string, reason: string): readonly string[] => [`${name} | the unknown key "${name}" | ${reason}`];
const BOUNDARY = 'a label has no boundary, as its window starts at the instant of the training row itself';
const RUN = 'a label is never run or served, as training sets compute it';

const REFUSED: Readonly<Record<string, readonly [object, readonly string[]]>> = {
  refresh: [{ refresh: { every: '1h' } }, KEY('refresh', `no refresh: ${BOUNDARY}`)],
  schedule: [{ schedule: '0 3 * * *' }, KEY('schedule', `no schedule: ${RUN}`)],
  catchUp: [{ catchUp: 'each' }, KEY('catchUp', `no catchUp: ${RUN}`)],
  lateness: [{ lateness: '1h' }, KEY('lateness', `no lateness: ${RUN}`)],
  ttl: [{ ttl: '1d' }, KEY('ttl', 'no ttl: a label does not age, as its window has an end')],
  strictlyBefore: [
    { strictlyBefore: true },
    KEY(
      'strictlyBefore',
      'no strictlyBefore: a label counts the rows from its instant on, those stamped exactly then too',
    ),
  ],
  online: [
    { online: true },
    [
      'online | true | no `online: true`: a label tells what comes after its instant, so that nothing can be served of it',
    ],
  ],
  visibleFrom: [
    { visibleFrom: 'created_time' },
    [
      'visibleFrom | "created_time" | event_time: a label counts every row that is known when the training set is built, whenever it was created',
    ],
  ],
};
for (const [name, [view, expected]] of Object.entries(REFUSED))
  test(`${name} is refused with the reason`, async () => assert.deepEqual(await refused(view), expected));

test('its features need a window with an end, and no hop', async () => {
  const duration = 'a duration such as 1h or 7d: a label is known once its window has passed, so it needs an end';
  assert.deepEqual(await refused({}, { window: 'unbounded' }), [`features[0].window | "unbounded" | ${duration}`]);
  assert.deepEqual(await refused({}, { window: undefined }), [`features[0].window | nothing | ${duration}`]);
  assert.deepEqual(await refused({}, { hop: '1h' }), [
    'features[0].hop | the unknown key "hop" | no hop: the window of a label is exact, [t, t + window)',
  ]);
});

test('an unknown key of another kind of mistake is told as ever', async () => {
  const [found = ''] = await refused({ refrsh: 1 });
  assert.match(found, /^refrsh \| the unknown key "refrsh" \| kind, name, entities, source/);
});
