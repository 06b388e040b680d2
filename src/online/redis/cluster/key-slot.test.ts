import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keySlot, keySlotAfter } from './key-slot.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What `CLUSTER KEYSLOT` of Redis 7.0.15 answers. */
const KNOWN: Readonly<Record<string, number>> = {
  '': 0,
  '123456789': 12739,
  foo: 12182,
  '{foo}': 12182,
  'a{foo}b': 12182,
  'foo{}bar': 14292,
  'foo{{bar}}zap': 4015,
  'foo{bar}{zap}': 5061,
  '{': 4092,
  'a}b{c': 13587,
};

test('slots are those of Redis, hash tags too', () => {
  for (const [key, slot] of Object.entries(KNOWN)) assert.equal(keySlot(bytes(key)), slot, key);
});

test('a known prefix changes nothing', () => {
  const slotOf = keySlotAfter(bytes('plumb:demo:e:'));
  for (const rest of [...Object.keys(KNOWN), '\u0001user\0\u0004\u00ff', 'x}y', '{}'])
    assert.equal(slotOf(bytes(rest)), keySlot(bytes(`plumb:demo:e:${rest}`)), rest);
});
