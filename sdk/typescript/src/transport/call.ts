// One call of the API, as data.

/** Of every method that calls the server. */
export interface CallOptions {
  /** Aborts the call, waits between retries included; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's, for this call. */
  readonly timeoutMillis?: number | undefined;
}

/**
 * `safe`: repeating changes nothing (reads, lookups, a cancel). `untaken`: repeated only where the server certainly did not
 * take the request: it said so, or there was no connection. `never`: the first answer counts.
 */
export type RetryRule = 'safe' | 'untaken' | 'never';

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Starts with a slash; already escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly retry: RetryRule;
  /** Instead of the client's. */
  readonly silenceMillis?: number | undefined;
  /** Instead of the client's. */
  readonly retries?: number | undefined;
}

export const label = ({ method, path }: Pick<Call, 'method' | 'path'>): string => `${method} ${path}`;
