import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/waiting.ts';
import { Deadlines } from './deadlines.ts';

test('each wait ends once, in order, after its time; one that was removed does not', async () => {
  const ended: string[] = [];
  const deadlines = new Deadlines(500);
  const wait = (name: string) => ({ expire: () => void ended.push(name) });
  const [first, removed, last] = [wait('first'), wait('removed'), wait('last')];
  deadlines.add(first);
  deadlines.add(removed);
  await sleep(20);
  deadlines.add(last);
  deadlines.remove(removed);
  assert.deepEqual(ended, []);
  await eventually(() => assert.deepEqual(ended, ['first', 'last']));
  deadlines.add(first);
  await eventually(() => assert.deepEqual(ended, ['first', 'last', 'first']));
});
