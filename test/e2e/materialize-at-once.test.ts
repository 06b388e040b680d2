// Two processes that materialize the same views at the same time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempProject } from './project.ts';
import { SHOP, UNTIL } from './shop.ts';

test('regression: of two incremental runs at once neither fails, as all views are done between them', async () => {
  const leaseTerm = 'leaseTermMillis: 1000\n'; // a living holder is told from a dead one within a tenth of it
  const project = await tempProject({ ...SHOP, 'plumb.yaml': `${SHOP['plumb.yaml']}${leaseTerm}` });
  assert.equal((await project.plumb('apply')).code, 0);
  const runs = await Promise.all([1, 2].map(() => project.json('materialize', '--until', UNTIL)));
  for (const { code, document } of runs) assert.equal(code, 0, JSON.stringify(document));
  const { document } = await project.json('status');
  const views = document.views as readonly { view: string; watermark: string }[];
  assert.deepEqual(
    views.map(({ watermark }) => watermark),
    [UNTIL, UNTIL],
  );
});
