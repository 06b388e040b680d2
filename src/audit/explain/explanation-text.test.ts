import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Explained } from './explainer.ts';
import { explanationText } from './explanation-text.ts';

test('explanations are a list with all digits, of so many bytes at most', () => {
  const explained = [{ explanation: { value: 2n ** 60n, name: 'é' } }] as unknown as readonly Explained[];
  const text = '[{"value":1152921504606846976,"name":"é"}]';
  assert.equal(explanationText(explained), text);
  assert.equal(explanationText(explained, 43), text);
  assert.throws(() => explanationText(explained, 42), {
    code: 'TOO_LARGE',
    message: /has 43 bytes, expected at most 42: name fewer features/,
    details: { path: '$.explain', limit: 'explanationBytes', explanationBytes: 42 },
  });
});
