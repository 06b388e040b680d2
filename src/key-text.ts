// The text of an API key. What is known of it without the secret can be told to anybody; the secret is shown once.
//
//   plumb_Xk3v9QmZp0aB_<43 letters and digits: 256 bits><6: a checksum of all before>
//         └── its id        └── the secret
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'plumb_';
const ID_CHARACTERS = 12;
const SECRET_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;
const ID_END = PREFIX.length + ID_CHARACTERS;

export const KEY_CHARACTERS = ID_END + 1 + SECRET_CHARACTERS + CHECKSUM_CHARACTERS;

/** A new one. */
export function makeKeyText(): string {
  const open = `${PREFIX}${randomText(ID_CHARACTERS)}_${randomText(SECRET_CHARACTERS)}`;
  return open + checksumOf(open);
}

/** Of a text that may be a key. */
export const keyIdOf = (text: string): string => text.slice(PREFIX.length, ID_END);

export const isKeyId = (text: string): boolean => ID.test(text);

/** Whether every character of it was copied. */
export function isWholeKey(text: string): boolean {
  const checked = text.length - CHECKSUM_CHARACTERS;
  return KEY.test(text) && checksumOf(text.slice(0, checked)) === text.slice(checked);
}

/** The same text without secrets, for whatever is written down or sent: a key may stand where nobody expects one. */
export const withoutSecrets = (text: string): string =>
  text.includes(PREFIX) ? text.replaceAll(LIKE_A_KEY, '$1_…') : text;

const ID = /^[0-9A-Za-z]{12}$/;
const KEY = /^plumb_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/;
const LIKE_A_KEY = /(plumb_[0-9A-Za-z]{12})_(?:(?!plumb_)[0-9A-Za-z]){8,}/g;

const randomText = (characters: number): string =>
  Array.from({ length: characters }, () => DIGITS[randomInt(DIGITS.length)]).join('');

function checksumOf(text: string): string {
  let rest = crc32(text);
  let checksum = '';
  for (let i = 0; i < CHECKSUM_CHARACTERS; i += 1) {
    checksum = DIGITS[rest % DIGITS.length] + checksum;
    rest = Math.floor(rest / DIGITS.length);
  }
  return checksum;
}
