import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownModule } from './own-module.ts';

test('a module is looked for with the ending of the one that asks', () => {
  assert.equal(ownModule('../b/c', 'file:///plumb/src/a/x.ts').href, 'file:///plumb/src/b/c.ts');
  assert.equal(ownModule('./c', 'file:///plumb/dist/src/a/x.js').href, 'file:///plumb/dist/src/a/c.js');
});
