import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_LIMITS } from './json-limits.ts';
import { JsonReader } from './json-reader.ts';
import { readQuickly } from './quick-json.ts';

const LIMITS = { depth: 3, names: 2, values: Infinity, nameCharacters: 5, textCharacters: 10 };

function readWhole(text: string) {
  const reader = new JsonReader(text, 'the text', NO_LIMITS);
  while (!reader.read(Infinity));
  return reader.result;
}

describe('the fast path of short JSON', () => {
  const sound = ['{"a":1}', '[1,-0.5,"x",null,true]', '{"at":"12:30:00","b:c":{"d":[]}}', '{"__proto__":1}', '"a\\n"'];
  for (const text of sound)
    it(`reads ${text} as the reader does`, () => assert.deepEqual(readQuickly(text, NO_LIMITS), readWhole(text)));

  const doubtful = [
    '{"a":1,"a":2}',
    '{"a":":","a":2}',
    '{"a":1',
    '1.0000000000000000001',
    '[9007199254740993]',
    '"\\u003a"',
  ];
  for (const text of doubtful)
    it(`leaves ${text} to the reader`, () => assert.equal(readQuickly(text, NO_LIMITS), undefined));

  const beyond = ['[[[[]]]]', '{"a":1,"b":2,"c":3}', '{"abcdef":1}', '["12345678901"]'];
  for (const text of beyond)
    it(`leaves ${text}, beyond a limit, to the reader`, () => assert.equal(readQuickly(text, LIMITS), undefined));

  it('leaves long texts to the reader', () =>
    assert.equal(readQuickly(`"${'x'.repeat(17_000)}"`, NO_LIMITS), undefined));
});
