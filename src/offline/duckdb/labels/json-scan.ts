// One pass over the bytes of JSON Lines, outside of whose strings only brackets, commas and the letters of NaN and Infinity
// are looked at. Whether it is JSON at all is for the engine to say.
import { open } from 'node:fs/promises';
import { invalid } from './columns.ts';
import { requireFewColumns, type ShapeLimits, tooDeep } from './label-shape.ts';

export interface JsonLinesFile {
  readonly path: string;
  /** What errors call it. */
  readonly name: string;
  readonly limits: ShapeLimits;
}

/** INVALID_LABELS with the line, where an object has too many names or too deep a value, or a number is none. */
export async function requireBoundedLines(labels: JsonLinesFile): Promise<void> {
  await using file = await open(labels.path);
  const scan = new JsonScan(labels);
  for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }))
    if (!scan.push(chunk as Buffer)) break;
  const { tooDeepAt, line } = scan;
  if (tooDeepAt === null) return;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(tooDeepAt.length), 0, tooDeepAt.length, tooDeepAt.from);
  throw tooDeep(nameIn(buffer.subarray(0, bytesRead)), `${labels.name}, line ${line}`, labels.limits);
}

/** Longer ones are cut in messages anyway. */
const MOST_NAME_BYTES = 1000;

function nameIn(bytes: Buffer): string | null {
  try {
    return String(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([...'[{'].map((letter) => letter.charCodeAt(0)));
const CLOSING = new Set([...']}'].map((letter) => letter.charCodeAt(0)));
const COMMA = 0x2c;
/** Of `NaN` and `Infinity`: no JSON has these letters outside of strings. */
const NO_NUMBER = new Set([...'NI'].map((letter) => letter.charCodeAt(0)));

class JsonScan {
  line = 1;
  /** The name whose value is too deep, with its quotes. */
  tooDeepAt: { readonly from: number; readonly length: number } | null = null;
  readonly #labels: JsonLinesFile;
  #depth = 0;
  #names = 1;
  #inString = false;
  #isEscaped = false;
  /** Where the last string of the object itself begins and ends: a list or an object that follows is its value. */
  #nameFrom = 0;
  #nameTo = 0;
  #offset = 0;

  constructor(labels: JsonLinesFile) {
    this.#labels = labels;
  }

  /** False where something is too deep, and the rest need not be read. */
  push(bytes: Buffer): boolean {
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] as number;
      if (byte === LF) this.#nextLine();
      else if (this.#inString) this.#string(byte, i);
      else this.#structure(byte, i);
      if (this.tooDeepAt !== null) return false;
    }
    this.#offset += bytes.length;
    return true;
  }

  #nextLine(): void {
    this.line += 1;
    this.#depth = 0;
    this.#names = 1;
    this.#inString = false;
    this.#isEscaped = false;
  }

  #string(byte: number, i: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      if (this.#depth === 1) this.#nameTo = this.#offset + i + 1;
    }
  }

  #structure(byte: number, i: number): void {
    if (byte === QUOTE) {
      this.#inString = true;
      if (this.#depth === 1) this.#nameFrom = this.#offset + i;
    } else if (byte === COMMA && this.#depth === 1) this.#nextName();
    else if (OPENING.has(byte)) this.#open();
    else if (CLOSING.has(byte)) this.#depth -= 1;
    else if (NO_NUMBER.has(byte)) throw this.#noNumber(byte);
  }

  #nextName(): void {
    this.#names += 1;
    requireFewColumns(this.#names, this.#where, this.#labels.limits);
  }

  #open(): void {
    this.#depth += 1;
    if (this.#depth <= this.#labels.limits.depth + 1) return;
    this.tooDeepAt = { from: this.#nameFrom, length: Math.min(this.#nameTo - this.#nameFrom, MOST_NAME_BYTES) };
  }

  #noNumber(byte: number): Error {
    const [letter, word] = byte === 0x4e ? ['N', 'NaN'] : ['I', 'Infinity'];
    return invalid(
      `${this.#where}: found ${letter} outside of a text (${word}?), which JSON does not have, expected a number or null`,
    );
  }

  get #where(): string {
    return `${this.#labels.name}, line ${this.line}`;
  }
}
