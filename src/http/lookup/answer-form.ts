// Which form of a lookup's answer a client accepts: the `Accept` header of RFC 9110. JSON, unless Arrow is wanted more.
import { PlumbError } from '../../../schemas/errors.ts';
import { ARROW_STREAM_TYPE, JSON_TYPE } from '../../../schemas/operations.ts';
import { quote } from '../../quote.ts';

export type AnswerForm = 'json' | 'arrow';

export const CONTENT_TYPES: Readonly<Record<AnswerForm, string>> = { json: JSON_TYPE, arrow: ARROW_STREAM_TYPE };

/** NOT_ACCEPTABLE where the header allows neither. A header that is absent or empty allows all. */
export function answerForm(accept: string | undefined): AnswerForm {
  if (accept === undefined || accept === '*/*' || accept === JSON_TYPE || accept.trim() === '') return 'json';
  const ranges = accept.split(',').map(mediaRange);
  const json = wishFor(JSON_TYPE, ranges);
  const arrow = wishFor(ARROW_STREAM_TYPE, ranges);
  if (json.quality === 0 && arrow.quality === 0) throw notAcceptable(accept);
  if (arrow.quality !== json.quality) return arrow.quality > json.quality ? 'arrow' : 'json';
  // `application/vnd.apache.arrow.stream, */*` names the one that it wants.
  return arrow.specificity > json.specificity ? 'arrow' : 'json';
}

interface MediaRange {
  /** In lower case: `application/json`, `application/*`. */
  readonly type: string;
  readonly quality: number;
}

function mediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  // A weight that is none counts as if it were absent.
  return { type, quality: quality !== undefined && QUALITY.test(quality) ? Number(quality) : 1 };
}

const QUALITY = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

interface Wish {
  readonly quality: number;
  /** 2: by its name; 1: by the first half; 0: by `*`. */
  readonly specificity: number;
}

/** What the most specific range says; nothing said is not wanted. */
function wishFor(type: string, ranges: readonly MediaRange[]): Wish {
  const names = ['*/*', `${type.split('/')[0]}/*`, type];
  for (let specificity = names.length - 1; specificity >= 0; specificity -= 1) {
    const range = ranges.find((one) => one.type === names[specificity]);
    if (range !== undefined) return { quality: range.quality, specificity };
  }
  return { quality: 0, specificity: 0 };
}

function notAcceptable(accept: string): PlumbError {
  const accepted = Object.values(CONTENT_TYPES);
  return new PlumbError('NOT_ACCEPTABLE', `Accept: found ${quote(accept)}, expected ${accepted.join(' or ')}`, {
    details: { accepted },
  });
}
