// The client's options, checked once.
import { HeaderError } from './header-error.ts';

export type HeaderSource = Readonly<Record<string, string>>;

export interface TransportOptions {
  /**
   * Where `plumb serve` is, e.g. `http://127.0.0.1:6567`; a path in front of `/v1` may follow. No credentials and no query.
   */
  readonly url: string | URL;
  /**
   * A key of `plumb key create`, sent as `Authorization: Bearer …` unless `headers` has an `authorization` of its own. Default: the
   * environment variable PLUMB_API_KEY, where there are such variables; null: none.
   */
  readonly apiKey?: string | null | undefined;
  /** Sent with every request; a function is asked before each try, so that a token can be renewed. */
  readonly headers?: HeaderSource | (() => HeaderSource | Promise<HeaderSource>) | undefined;
  /**
   * The longest that one call may take, its retries and the waits between them included. Default 30,000; Infinity: no end.
   * Reading the parts of a snapshot has no such end: only silence ends it.
   */
  readonly timeoutMillis?: number | undefined;
  /**
   * The longest that one try may wait for the answer, or for its next piece. Default 10,000. It does not run while a large
   * body goes up (labels as Arrow), which only `timeoutMillis` bounds.
   */
  readonly silenceMillis?: number | undefined;
  /** How often a call that is safe to repeat is tried again. Default 3. */
  readonly retries?: number | undefined;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  /** Those of the client itself. */
  readonly ownHeaders: HeaderSource;
  readonly headers: () => HeaderSource | Promise<HeaderSource>;
  readonly timeoutMillis: number;
  readonly silenceMillis: number;
  readonly retries: number;
  readonly fetch: typeof globalThis.fetch;
}

/** TypeError where an option cannot be. */
export function settingsOf(options: TransportOptions): Settings {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`expected options such as { url: 'http://127.0.0.1:6567' }`);
  const { headers = {}, fetch = globalThis.fetch, apiKey = keyOfEnvironment() } = options;
  const source = typeof headers === 'function' ? headers : () => headers;
  if (typeof headers !== 'function') checkedHeaders(headers);
  return {
    url: baseUrl(options.url),
    ownHeaders: apiKey === null ? {} : { authorization: `Bearer ${checkedKey(apiKey)}` },
    headers: source,
    timeoutMillis: positive('timeoutMillis', options.timeoutMillis ?? 30_000),
    silenceMillis: positive('silenceMillis', options.silenceMillis ?? 10_000),
    retries: wholeNumber('retries', options.retries ?? 3),
    // Browsers refuse a fetch that is called as a method of something else.
    fetch: (input, init) => fetch(input, init),
  };
}

/** Browsers have no such variables. An empty one counts as unset. */
function keyOfEnvironment(): string | null {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };
  return process?.env?.PLUMB_API_KEY || null;
}

/** Its own words do not repeat it. A file that it was read from may end in a new line. */
function checkedKey(apiKey: string): string {
  const key = apiKey.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new TypeError('apiKey: expected a key of `plumb key create`, without spaces');
}

export async function headersOf({ headers, ownHeaders }: Settings): Promise<Headers> {
  let source: HeaderSource;
  try {
    source = await headers();
  } catch (cause) {
    throw new HeaderError('headers: the function failed; `cause` says why', { cause });
  }
  const checked = checkedHeaders(ownHeaders);
  for (const [name, value] of checkedHeaders(source)) checked.set(name, value);
  return checked;
}

/** The platform's own message would repeat the value, which may be a secret. */
function checkedHeaders(source: HeaderSource): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(source)) {
    try {
      headers.set(name, value);
    } catch {
      throw new HeaderError(`headers: the name or the value of ${JSON.stringify(name)} is not valid in HTTP`);
    }
  }
  return headers;
}

function baseUrl(given: string | URL): string {
  const url = URL.canParse(String(given)) ? new URL(given) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new TypeError(`url: expected an http or https address such as http://127.0.0.1:6567`);
  if (url.username !== '' || url.password !== '')
    throw new TypeError('url: credentials do not belong there; use `headers`');
  if (url.search !== '' || url.hash !== '') throw new TypeError('url: expected no query and no fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new TypeError(`${name}: found ${value}, expected a number of milliseconds above 0`);
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`${name}: found ${value}, expected a whole number from 0`);
}
