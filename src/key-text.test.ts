import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKeyId, isWholeKey, KEY_CHARACTERS, keyIdOf, makeKeyText, withoutSecrets } from './key-text.ts';

test('a key is a prefix, an id and a secret, with a checksum that holds', () => {
  for (let i = 0; i < 200; i += 1) {
    const text = makeKeyText();
    assert.match(text, /^plumb_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    assert.equal(text.length, KEY_CHARACTERS);
    assert.ok(isWholeKey(text) && isKeyId(keyIdOf(text)), text);
  }
});

test('keys are different, and use every character in every place', () => {
  const texts = Array.from({ length: 2000 }, makeKeyText);
  assert.equal(new Set(texts.map(keyIdOf)).size, texts.length);
  for (const at of [6, 17, 19, 61]) assert.equal(new Set(texts.map((text) => text[at])).size, 62, `place ${at}`);
});

test('a key that was cut, or has another character anywhere, is told from a whole one', () => {
  const text = makeKeyText();
  for (let i = 0; i < text.length; i += 1) {
    const other = text[i] === 'a' ? 'b' : 'a';
    assert.equal(isWholeKey(text.slice(0, i) + other + text.slice(i + 1)), false, `changed at ${i}`);
    assert.equal(isWholeKey(text.slice(0, i)), false, `cut at ${i}`);
  }
});

test('no secret is left in a text, wherever in it a key stands', () => {
  const [one, two] = [makeKeyText(), makeKeyText()];
  const secrets = [one, two].map((text) => text.slice(19));
  const text = JSON.stringify({ a: `x${one}y`, [two]: [`Bearer ${one.slice(0, 40)}`, `${one}${two}`] });
  const left = withoutSecrets(text);
  for (const secret of secrets) assert.ok(!left.includes(secret.slice(0, 8)), left);
  assert.ok(left.includes(`plumb_${keyIdOf(one)}_…`), 'its id tells which one it was');
  assert.equal(
    withoutSecrets('plumb_workers plumb_http_request_duration_seconds'),
    'plumb_workers plumb_http_request_duration_seconds',
  );
});
