// One pass over the bytes of a CSV file: UTF-8, comma, double quotes doubled inside, as many fields in each record as in the
// header. What is wrong is told with its line (from 1) and column. Line ends may be LF, CRLF or CR; `lineEnds` says which.
import { isUtf8 } from 'node:buffer';
import { invalid } from './columns.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Of one record. */
const LONGEST_RECORD_BYTES = 1_900_000;

type LineEnd = 'LF' | 'CRLF' | 'CR';
type State = 'start' | 'plain' | 'quoted' | 'after_quote';

export class CsvScan {
  readonly lineEnds = new Set<LineEnd>();
  readonly #name: string;
  #state: State = 'start';
  #line = 1;
  #quotedFrom = 1;
  #fields = 1;
  #expected: number | null = null;
  #recordBytes = 0;
  #wasCr = false;
  #isStart = true;
  /** Bytes of a character that the next chunk goes on with. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(name: string) {
    this.#name = name;
  }

  push(chunk: Buffer): void {
    const joined = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const bytes = this.#isStart && joined.indexOf(BYTE_ORDER_MARK) === 0 ? joined.subarray(3) : joined;
    this.#isStart = false;
    const whole = wholeCharacters(bytes);
    this.#rest = bytes.subarray(whole);
    this.#scan(bytes.subarray(0, whole));
  }

  end(): void {
    if (this.#rest.length > 0) throw this.#notUtf8(this.#rest[0] ?? 0);
    if (this.#state === 'quoted')
      throw invalid(
        `${this.#name}, line ${this.#quotedFrom}, column ${this.#fields}: found a quote that is not closed, expected another one`,
      );
    if (this.#wasCr) this.lineEnds.add('CR');
    if (this.#recordBytes > 0) this.#endRecord();
  }

  #scan(bytes: Buffer): void {
    const bad = isUtf8(bytes) ? bytes.length : firstInvalid(bytes);
    for (let i = 0; i < bad; i += 1) this.#byte(bytes[i] as number);
    if (bad < bytes.length) throw this.#notUtf8(bytes[bad] as number);
  }

  #byte(byte: number): void {
    if (this.#wasCr) {
      this.#wasCr = false;
      this.lineEnds.add(byte === LF ? 'CRLF' : 'CR');
      if (byte === LF) return;
    }
    if (this.#state === 'quoted') this.#inQuotes(byte);
    else if (byte === LF || byte === CR) this.#endLine(byte);
    else this.#outsideQuotes(byte);
  }

  #outsideQuotes(byte: number): void {
    this.#count();
    if (byte === COMMA) {
      this.#fields += 1;
      this.#state = 'start';
    } else if (byte === QUOTE) this.#quote();
    else if (this.#state === 'after_quote') throw this.#strayText();
    else this.#state = 'plain';
  }

  #count(): void {
    this.#recordBytes += 1;
    if (this.#recordBytes > LONGEST_RECORD_BYTES)
      throw invalid(
        `${this.#name}, line ${this.#line}: found a record of more than ${LONGEST_RECORD_BYTES} bytes, expected at most that; is a quote not closed?`,
      );
  }

  #inQuotes(byte: number): void {
    this.#count();
    if (byte === QUOTE) this.#state = 'after_quote';
    else if (byte === LF) this.#line += 1;
  }

  #quote(): void {
    if (this.#state === 'plain')
      throw invalid(
        `${this.#name}, line ${this.#line}, column ${this.#fields}: found a quote inside a field without quotes, expected the field in quotes and the quote doubled`,
      );
    if (this.#state === 'start') this.#quotedFrom = this.#line;
    this.#state = 'quoted';
  }

  #endLine(byte: number): void {
    if (byte === CR) this.#wasCr = true;
    else this.lineEnds.add('LF');
    if (this.#recordBytes > 0) this.#endRecord();
    this.#line += 1;
  }

  #endRecord(): void {
    this.#expected ??= this.#fields;
    if (this.#fields !== this.#expected)
      throw invalid(
        `${this.#name}, line ${this.#line}: found ${this.#fields} fields, expected ${this.#expected} as in the header`,
      );
    this.#fields = 1;
    this.#recordBytes = 0;
    this.#state = 'start';
  }

  #strayText(): Error {
    return invalid(
      `${this.#name}, line ${this.#line}, column ${this.#fields}: found text after a closing quote, expected a comma or the end of the line`,
    );
  }

  #notUtf8(byte: number): Error {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return invalid(
      `${this.#name}, line ${this.#line}, column ${this.#fields}: found the byte 0x${hex}, which is not UTF-8 (Latin-1, Windows-1252?), expected UTF-8 text; save the file as UTF-8`,
    );
  }
}

/** How many bytes there are before a character that the end cuts. */
export function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOf(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Of the character that begins with this byte; 1 where none does. */
const lengthOf = (byte: number): number =>
  byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc0 && byte < 0xe0 ? 2 : 1;

/** Where the first byte is that begins no character. */
export function firstInvalid(bytes: Buffer): number {
  for (let i = 0; i < bytes.length; ) {
    const next = i + lengthOf(bytes[i] as number);
    if (next > bytes.length || !isUtf8(bytes.subarray(i, next))) return i;
    i = next;
  }
  return bytes.length;
}
