// Reads a JSON request body: type, size, UTF-8 and syntax, each refused with what was found.
import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { PlumbError } from '../../schemas/errors.ts';
import type { JsonLimits } from '../json-limits.ts';
import { isJsonObject, type JsonObject, parseJsonInTurns } from '../lossless-json.ts';
import { quote } from '../quote.ts';
import { nextTurn } from '../turns.ts';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

export async function readJsonBody(
  context: Context,
  limitBytes: number,
  least: Partial<JsonLimits> = {},
): Promise<JsonObject> {
  const contentType = context.req.header('content-type');
  if (!isJsonType(contentType)) {
    const found = contentType === undefined ? 'none' : quote(contentType);
    throw new PlumbError('INVALID_REQUEST', `Content-Type: found ${found}, expected application/json`);
  }
  return await parseBody(await readBytes(context, limitBytes), limitBytes, least);
}

export const isJsonType = (contentType: string | undefined): boolean =>
  contentType !== undefined && JSON_TYPE.test(contentType);

/** INVALID_REQUEST where the bytes are no JSON object in UTF-8, TOO_LARGE beyond what it may hold. */
export async function parseBody(
  bytes: Buffer,
  limitBytes: number,
  least: Partial<JsonLimits> = {},
): Promise<JsonObject> {
  if (!isUtf8(bytes)) throw new PlumbError('INVALID_REQUEST', 'the request body is not UTF-8');
  if (bytes.length > LONG_BYTES) await nextTurn();
  const text = bytes.toString('utf8');
  if (bytes.length > LONG_BYTES) await nextTurn();
  const body = await parseJsonInTurns(text, 'the request body', { ...jsonLimits(limitBytes), ...least });
  if (isJsonObject(body)) return body;
  throw new PlumbError('INVALID_REQUEST', 'the request body: expected a JSON object', { details: { path: '$' } });
}

/** From here on each step over all bytes gets a turn of its own. */
const LONG_BYTES = 2 ** 20;

/** What a body may hold besides its bytes: small values cost more than their text. */
const jsonLimits = (limitBytes: number): JsonLimits => ({
  depth: 100,
  names: 10_000,
  nameCharacters: 1000,
  textCharacters: Infinity,
  values: Math.max(1000, Math.floor(limitBytes / 8)),
});

async function readBytes(context: Context, limitBytes: number): Promise<Buffer> {
  const declared = context.req.header('content-length');
  if (declared !== undefined && Number(declared) > limitBytes) throw tooLarge(limitBytes);
  // A declared length is kept by the HTTP parser; only a chunked body has to be counted while it comes.
  try {
    if (declared !== undefined) return Buffer.from(await context.req.arrayBuffer());
    return await readCounted(context.req.raw.body, limitBytes);
  } catch (cause) {
    if (cause instanceof PlumbError) throw cause;
    throw new PlumbError('INVALID_REQUEST', 'the request body broke off', { cause });
  }
}

async function readCounted(body: ReadableStream<Uint8Array> | null, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (limitBytes: number): PlumbError =>
  new PlumbError('TOO_LARGE', `the request body is over ${limitBytes} bytes`, {
    details: { limit: 'bodyBytes', limitBytes },
  });
