// Where a text stops being SQL, in our words: the token, its line and its column.
import type { JsonObject } from '../../lossless-json.ts';
import { MAX_NESTING } from './limits.ts';
import { quoted } from './nodes.ts';
import { Refusal } from './refusal.ts';

export const ONE_EXPRESSION = 'one SQL scalar expression over the columns';
const COMPLETE = `${ONE_EXPRESSION}, with every bracket, quote and CASE closed`;

/**
 * What a parser is asked to read. In brackets of their own lines nothing can follow the expression: no alias, no FROM,
 * no second statement; a comment ends with its line.
 */
export const parserInput = (sql: string): string => `${BEFORE}${sql}\n)`;
const BEFORE = 'SELECT (\n';

export const tooDeep = (): Refusal =>
  new Refusal(
    'an expression nested too deeply',
    `at most ${MAX_NESTING} levels: a sum of n terms has n - 1, so write the parts of a longer one as columns of the source`,
  );

/** `document` is the parser's answer to `parserInput(sql)`. */
export function syntaxRefusal(document: JsonObject, sql: string): Refusal {
  const message = typeof document.error_message === 'string' ? document.error_message : '';
  if (/depth limit|memory exhausted/.test(message)) return tooDeep();
  if (document.error_type === 'not implemented') return new Refusal('a statement', ONE_EXPRESSION);
  const at = placeOf(Number(document.position ?? Number.NaN), sql);
  if (message.startsWith('unterminated'))
    return new Refusal(`SQL with a mistake: a quote without its end${at ?? ''}`, COMPLETE);
  const token = /at or near "([\s\S]*)"$/.exec(message)?.[1];
  if (at === null || token === undefined) return new Refusal('SQL with a mistake at its end', COMPLETE);
  return new Refusal(`SQL with a mistake at ${quoted(token)}${at}`, ONE_EXPRESSION);
}

/** `position` counts characters of what the parser read; null for what lies beyond the text. */
function placeOf(position: number, sql: string): string | null {
  const characters = [...sql];
  const offset = position - BEFORE.length;
  if (Number.isNaN(offset) || offset < 0 || offset >= characters.length) return null;
  const lines = characters.slice(0, offset).join('').split('\n');
  return ` (line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1})`;
}
