// Which line of JSON Lines cannot be read, and why: looked for once the engine has refused the file.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Json, parseJson } from '../../../lossless-json.ts';
import { shortened } from './columns.ts';
import { firstInvalid } from './csv-scan.ts';

/** null where each line is one JSON value in UTF-8. */
export async function brokenLine(path: string, name: string): Promise<string | null> {
  // Latin-1 keeps each byte as one character.
  const lines = createInterface({ input: createReadStream(path, 'latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const why = line.trim() === '' ? null : problemOf(Buffer.from(line, 'latin1'));
    if (why !== null) return `${name}, line ${number}: ${why}`;
  }
  return null;
}

function problemOf(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) {
    const at = firstInvalid(bytes);
    const hex = bytes.toString('hex', at, at + 1).toUpperCase();
    return `found the byte 0x${hex} at byte ${at + 1}, which is not UTF-8 (Latin-1, Windows-1252?), expected UTF-8 text; save the file as UTF-8`;
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    JSON.parse(text);
  } catch {
    return `found '${text.slice(0, 60)}', which is no JSON, expected one JSON object in the line`;
  }
  return repeatedName(text);
}

function repeatedName(text: string): string | null {
  try {
    const name = foldedTwice(parseJson(text, 'the line'));
    return name === null
      ? null
      : `found the name ${shortened(name)} twice in one object, letter case aside, expected it once`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Engines tell the names of fields apart by more than letter case. */
function foldedTwice(value: Json): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const names = Array.isArray(value) ? [] : Object.keys(value).map((name) => name.toLowerCase());
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  for (const inner of Object.values(value) as readonly Json[]) {
    const found = foldedTwice(inner);
    if (found !== null) return found;
  }
  return null;
}
