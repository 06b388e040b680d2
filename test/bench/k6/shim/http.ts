// k6/http: requests that block, as k6's do. What is missing here is missing loudly: the script fails.
import { addSample, recording } from '../recording.ts';
import { exchange } from '../sync-http.ts';

interface Params {
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeout?: string | number;
}

export function request(method: string, url: string, body: string | null = null, params: Params = {}) {
  if (recording.phase === 'init') throw new Error('k6/http: no requests in the init context');
  if (recording.phase === 'scenario') recording.requests += 1;
  const started = performance.now();
  const { status, error, headers, text } = exchange({ method, url, body, headers: params.headers ?? {} });
  const duration = performance.now() - started;
  addSample('http_reqs', 'counter', 1);
  addSample('http_req_duration', 'trend', duration);
  addSample('http_req_failed', 'rate', status >= 200 && status < 400 ? 0 : 1);
  return {
    url,
    status,
    error,
    error_code: status === 0 ? 1000 : 0,
    headers,
    body: status === 0 ? null : text,
    timings: { duration },
    json: () => JSON.parse(text) as unknown,
  };
}

type Answer = ReturnType<typeof request>;
const bodyless = (method: string) => (url: string, params?: Params) => request(method, url, null, params);
const withBody = (method: string) => (url: string, body?: string | null, params?: Params) =>
  request(method, url, body ?? null, params);

export const get: (url: string, params?: Params) => Answer = bodyless('GET');
export const head: (url: string, params?: Params) => Answer = bodyless('HEAD');
export const post = withBody('POST');
export const put = withBody('PUT');
export const patch = withBody('PATCH');
export const del = withBody('DELETE');
export default { request, get, head, post, put, patch, del };
