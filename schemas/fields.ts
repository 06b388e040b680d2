// The small contracts that definitions share: names, durations, types, documentation. An error text of a contract says
// what was expected; what was found is added by whoever reports the mistake.
import { z } from 'zod';
import { type DeclaredType, parseDataType, SCALAR_TYPES } from './types.ts';

const NAME_PATTERN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DURATION_PATTERN = /^[1-9]\d{0,9}[smhd]$/;
const DURATION_OR_ZERO_PATTERN = /^(0|[1-9]\d{0,9})[smhd]$/;
const TYPE_PATTERN =
  '^\\s*((list\\s*<\\s*)?(bool|int32|int64|float32|float64|string|timestamp|bytes)(\\s*>)?|vector\\s*<\\s*float32\\s*,\\s*[1-9]\\d{0,4}\\s*>)\\s*$';

export const EXPECTED_TYPE = `a type: ${SCALAR_TYPES.join(', ')}, list<type> or vector<float32,N>`;

const ONLY_RESULTS = `${EXPECTED_TYPE}; a map or struct is what an aggregate gives, by \`by\` or \`columns\``;

const isOfResults = (input: unknown): boolean => typeof input === 'string' && /^\s*(map|struct)\s*</.test(input);

const textLike = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

export const nameField = () => textLike(NAME_PATTERN, 'a name of letters, digits and _, not starting with a digit');
export const textField = () => z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });

/** `1s`, `10m`, `1h`, `7d`. */
export const durationField = () => textLike(DURATION_PATTERN, 'a duration such as 1s, 10m, 1h or 7d');
export const durationOrZeroField = () => textLike(DURATION_OR_ZERO_PATTERN, 'a duration such as 0s, 10m, 1h or 7d');
export const windowField = () =>
  textLike(/^([1-9]\d{0,9}[smhd]|unbounded)$/, 'a duration such as 1s, 10m, 1h or 7d, or unbounded');

/** How far a label looks ahead. */
export const aheadField = () =>
  textLike(
    DURATION_PATTERN,
    'a duration such as 1h or 7d: a label is known once its window has passed, so it needs an end',
  );

/** Whether some instant fits it is checked by who loads it: that needs a calendar. */
export const cronField = () => textLike(/^\s*\S+(\s+\S+){4}\s*$/, 'five fields of cron, such as "0 3 * * *"');

export const CATCH_UPS = ['latest', 'each'] as const;
export const catchUpField = () =>
  z.enum(CATCH_UPS).describe('Of several runs that were missed: the `latest` alone (default), or `each` in turn.');

/** A type as a user writes it; spaces are dropped. `params.candidates` feeds the nearest valid name. */
export const dataTypeField = () =>
  z
    .custom<DeclaredType>((value) => typeof value === 'string' && parseDataType(value) !== null, {
      error: (issue) => (isOfResults(issue.input) ? ONLY_RESULTS : EXPECTED_TYPE),
      params: { candidates: SCALAR_TYPES },
    })
    .meta({ type: 'string', pattern: TYPE_PATTERN })
    .transform((type) => parseDataType(type) ?? type);

/** A default as written: its type is checked against the feature's type when definitions are resolved. */
export type DefaultInput = boolean | number | bigint | string | Uint8Array | null | readonly DefaultInput[];

const isDefaultInput = (value: unknown): value is DefaultInput =>
  value === null ||
  ['boolean', 'number', 'bigint', 'string'].includes(typeof value) ||
  value instanceof Uint8Array ||
  (Array.isArray(value) && value.every(isDefaultInput));

export const defaultField = () =>
  z
    .custom<DefaultInput>(isDefaultInput, { error: "a value of the feature's type" })
    .meta({ type: ['boolean', 'number', 'string', 'array', 'null'] })
    .describe(
      "Replaces null, in training and serving alike. A value of the feature's type: int64 as a number or digits, timestamps as RFC 3339 text, bytes as base64.",
    );

/** What every object of a definition may say of itself; none of it changes values. */
export const documentedFields = () => ({
  description: z.string({ error: 'a text' }).describe('What it is, for people.').optional(),
  owner: z.string({ error: 'a text' }).describe('Who answers for it.').optional(),
  tags: z
    .record(z.string(), z.string({ error: 'a text (put numbers and booleans in quotes)' }), {
      error: 'an object of texts',
    })
    .describe('Free labels, text to text.')
    .optional(),
});
