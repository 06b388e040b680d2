// One try of a call: fetch, and the whole body. Two clocks run: one of the call, and one of silence, which starts anew with
// every piece of the body, so that a large part may take its time and a dead connection may not.
import { PlumbConnectionError, PlumbProtocolError, PlumbTimeoutError } from '../errors.ts';
import { type Call, label } from './call.ts';
import { errorCode } from './error-code.ts';
import { HeaderError } from './header-error.ts';
import { headersOf, type Settings } from './options.ts';
import { countdown } from './timing.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Bytes, or characters. */
const LARGE_UPLOAD = 1_000_000;

/** `deadline`: in the time of performance.now(). Any status is an answer, except redirects. */
export async function attempt(
  settings: Settings,
  call: Call,
  deadline: number,
  timeoutMillis: number,
): Promise<Answer> {
  const controller = new AbortController();
  let timeout: PlumbTimeoutError | null = null;
  const end = (kind: 'total' | 'silence', message: string) => () => {
    timeout ??= new PlumbTimeoutError(`${label(call)} ${message}`, kind);
    controller.abort(timeout);
  };
  const onAbort = (): void => controller.abort(call.signal?.reason);
  call.signal?.addEventListener('abort', onAbort, { once: true });
  const total = countdown(deadline - performance.now(), end('total', `took longer than ${timeoutMillis} ms`));
  total.restart();
  const silenceMillis = call.silenceMillis ?? settings.silenceMillis;
  const silence = countdown(silenceMillis, end('silence', `was answered with silence for ${silenceMillis} ms`));
  // How far a large body got on its way up nobody tells: only the clock of the call runs then.
  if ((call.body?.length ?? 0) < LARGE_UPLOAD) silence.restart();
  try {
    const response = await untilAborted(start(settings, call, controller.signal), controller.signal);
    silence.restart();
    refuseRedirect(call, response);
    const body = await readBody(response, controller.signal, silence.restart);
    return { status: response.status, headers: response.headers, body };
  } catch (cause) {
    if (call.signal?.aborted === true) throw call.signal.reason;
    if (timeout !== null) throw timeout;
    throw isOurs(cause) ? cause : new PlumbConnectionError(`${label(call)}: ${reasonOf(cause)}`, { cause });
  } finally {
    total.stop();
    silence.stop();
    call.signal?.removeEventListener('abort', onAbort);
    // Ends the connection where the body was not read to its end; no effect after it.
    controller.abort();
  }
}

async function start(settings: Settings, call: Call, signal: AbortSignal): Promise<Response> {
  const headers = await headersOf(settings);
  for (const [name, value] of Object.entries(call.headers ?? {})) headers.set(name, value);
  const init: RequestInit = { method: call.method, headers, signal, redirect: 'manual' };
  if (call.body !== undefined) init.body = call.body as NonNullable<RequestInit['body']>;
  const { fetch } = settings;
  return await fetch(urlOf(settings, call), init);
}

function urlOf({ url }: Settings, { path, query = {} }: Call): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  ).toString();
  return `${url}${path}${search === '' ? '' : `?${search}`}`;
}

/** Following one could carry the headers to another host. */
function refuseRedirect(call: Call, { status, type }: Response): void {
  if (type !== 'opaqueredirect' && (status < 300 || status > 399 || status === 304)) return;
  throw new PlumbProtocolError(`${label(call)} was answered with a redirect: give the address it leads to as \`url\``);
}

async function readBody(
  response: Response,
  signal: AbortSignal,
  onPiece: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let piece = await untilAborted(reader.read(), signal); !piece.done; ) {
    onPiece();
    pieces.push(piece.value);
    length += piece.value.byteLength;
    piece = await untilAborted(reader.read(), signal);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}

/** A `fetch` of the user's may not look at the signal. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // Whether or not anybody still waits for it, its failure is nobody's unhandled rejection.
    work.catch(() => {});
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** A TypeError of `headersOf` says what its user did wrong, one of fetch that there was no connection. */
const isOurs = (error: unknown): boolean => error instanceof PlumbProtocolError || error instanceof HeaderError;

/** Node says only "fetch failed" and puts the reason into the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = errorCode(error);
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : null;
  return reason ?? code ?? (error instanceof Error ? error.message : 'the connection failed');
}
