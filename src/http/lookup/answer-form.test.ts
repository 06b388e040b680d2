import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerForm } from './answer-form.ts';

const ARROW = 'application/vnd.apache.arrow.stream';

for (const [accept, expected] of [
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['Application/JSON; charset=utf-8', 'json'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'json'],
  [ARROW, 'arrow'],
  [ARROW.toUpperCase(), 'arrow'],
  [`${ARROW}, */*`, 'arrow'],
  [`*/*, ${ARROW}`, 'arrow'],
  [`${ARROW}, application/json`, 'json'],
  [`${ARROW};q=0.9, application/json;q=0.5`, 'arrow'],
  [`${ARROW};q=0.5,application/json; q=0.9`, 'json'],
  [`${ARROW};q=0.5, */*`, 'json'],
  [`application/json;q=0, */*`, 'arrow'],
  [`application/*;q=0.1, */*;q=0.9, application/json;q=0`, 'arrow'],
  [`${ARROW};q=0, */*;q=0.1`, 'json'],
  [`${ARROW};q=none, application/json;q=0.9`, 'arrow'],
] as const) {
  test(`Accept: ${accept} is answered in ${expected}`, () => assert.equal(answerForm(accept), expected));
}

for (const accept of [
  'text/html',
  `${ARROW};q=0`,
  '*/*;q=0',
  'application/json;q=0.000',
  'application/vnd.apache.parquet',
]) {
  test(`Accept: ${accept} allows neither`, () => {
    const details = { accepted: ['application/json', ARROW] };
    assert.throws(() => answerForm(accept), { code: 'NOT_ACCEPTABLE', details });
  });
}
