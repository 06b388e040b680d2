// Rows have the forms of lookups: the SDK's own writers of instants and float32 agree with the server's, bit for bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shortestFloat32 as serverFloat32 } from '../../../../src/float32.ts';
import { formatInstant } from '../../../../src/instant.ts';
import { shortestFloat32 } from './float32.ts';
import { instantText } from './instant-text.ts';

test('instants are written as the server writes them', () => {
  const edges = [0n, -1n, 1n, 999n, -1000n, 8_640_000_000_000_000_000n, 2n ** 63n - 1n, -(2n ** 63n)];
  const instants = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  fc.assert(fc.property(instants, (micros) => assert.equal(instantText(micros), formatInstant(micros))));
  assert.equal(instantText(1_767_225_600_000_001n), '2026-01-01T00:00:00.000001Z');
});

test('float32 values are written as the server writes them', () => {
  fc.assert(fc.property(fc.float(), (value) => assert.ok(Object.is(shortestFloat32(value), serverFloat32(value)))));
  assert.equal(shortestFloat32(Math.fround(0.1)), 0.1);
});
