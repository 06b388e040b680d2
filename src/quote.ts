// What a message repeats of what it was given: at most 60 characters, however long the thing is.
const MOST_CHARACTERS = 60;

/** As `"text"`, cut before it is looked at. */
export const quote = (text: string): string => cut(JSON.stringify(text.slice(0, MOST_CHARACTERS + 1)), text.length);

/** Of text that is shown as it is. */
export const shorten = (text: string): string => cut(text, text.length);

/** An integer of any length: its digits are counted in few steps, written only where they are few. */
export const quoteInteger = (value: bigint): string =>
  BigInt.asIntN(256, value) === value ? shorten(value.toString()) : 'an integer of more than 256 bits';

function cut(text: string, length: number): string {
  if (text.length <= MOST_CHARACTERS && length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS)}…`;
}
