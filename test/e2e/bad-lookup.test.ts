// Keys that do not fit, on the command line. The same over HTTP is in serve.test.ts.
import { test } from 'node:test';
import { tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { SHOP, UNTIL } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');
const get = (entity: string): readonly string[] => ['get', '--service', 'ranking', '--at', UNTIL, '--entity', entity];

test('a view that was never materialized', async () => {
  await assertRefused(project, get('{"user_id":1}'), 'NOT_MATERIALIZED', /plumb materialize/);
});

test('keys of the wrong type, out of range or missing', async () => {
  await project.plumb('materialize', '--until', UNTIL);
  await assertRefused(project, get('{"user_id":"one"}'), 'INVALID_REQUEST', /user_id.*one/);
  await assertRefused(project, get('{"user_id":1.5}'), 'INVALID_REQUEST', /user_id.*1\.5/);
  await assertRefused(
    project,
    get('{"user_id":9223372036854775808}'),
    'INVALID_REQUEST',
    /user_id.*9223372036854775808/,
  );
  await assertRefused(project, get('{"user_id":[1]}'), 'INVALID_REQUEST', /user_id/);
  await assertRefused(project, get('{"id":1}'), 'INVALID_REQUEST', /user_id/);
  await assertRefused(project, get('{"user_id":1'), 'INVALID_REQUEST', /line 1, column 13/);
});
