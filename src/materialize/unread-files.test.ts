import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../test/support/fake-world.ts';
import { manifestOf } from '../../test/support/run-manifests.ts';
import { addUnread, changedSince, unreadText } from './unread-files.ts';

const BEFORE = at('2026-01-07T00:00:00Z');
const file = (path: string, identity: string) => ({ path, identity, sizeBytes: 1, uri: `file:///data/${path}` });
const found = (changed: readonly string[], gone: readonly string[] = []) => ({ changed, gone, beforeMicros: BEFORE });

test('files that came or changed since a run, and those that went', () => {
  const sources = [{ name: 'clicks', files: [file('a', '1'), file('b', '1'), file('c', '1')] }];
  const last = manifestOf('clicks', 1, { sources });
  const now = [file('a', '1'), file('b', '2'), file('d', '1')];
  const { changed, gone } = changedSince(last, 'clicks', now);
  assert.deepEqual([changed.map(({ path }) => path), gone], [['b', 'd'], ['c']]);
  assert.equal(changedSince(last, 'another', now).changed.length, 3);
});

test('what runs leave unread adds up; a file that changed and then went is gone', () => {
  assert.equal(addUnread(undefined, null), undefined);
  assert.equal(addUnread(undefined, found([])), undefined);
  const first = addUnread(undefined, found(['a', 'b']));
  assert.deepEqual(addUnread(first, null), first);
  const both = addUnread(first, found(['b', 'c'], ['a']));
  assert.deepEqual(both, { changed: ['b', 'c'], gone: ['a'], total: 3, before: '2026-01-07T00:00:00Z' });
});

test('a few files are named, the others counted', () => {
  const many = addUnread(
    undefined,
    found(
      Array.from({ length: 25 }, (_, i) => `f${i}`),
      ['z'],
    ),
  );
  assert.deepEqual([many?.changed.length, many?.total], [20, 26]);
  const text = unreadText('clicks', many ?? assert.fail());
  assert.match(text, /^f0, .*, f19 changed and hold rows before 2026-01-07T00:00:00Z, which were not read; z are gone/);
  assert.match(text, /; 5 more files changed or are gone\. Run `plumb materialize clicks --full`/);
});
