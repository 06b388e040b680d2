// An open load: requests arrive at a constant rate, however slowly answers come. Latency counts from the instant at which a
// request was due, so that a server that stands still is charged for all who came meanwhile; a closed load would not have
// sent them ("coordinated omission"). Requests that find all connections busy wait for one, and that counts too.
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.ts';
import type { LoadResult } from './load-result.ts';

export interface OpenLoad {
  readonly url: string;
  readonly bodies: readonly string[];
  readonly requestsPerSecond: number;
  readonly seconds: number;
  /** At most so many requests are under way. */
  readonly connections: number;
  /** Ends the load before its time. */
  readonly until?: AbortSignal;
}

export interface OpenLoadResult extends LoadResult {
  readonly maxMillis: number;
  /** How late the driver itself was with what it sent at once: its share in the latencies above. */
  readonly driverP99Millis: number;
}

/** Timers are exact to a millisecond or so: the rest is waited for turn by turn of the event loop. */
const TIMER_MILLIS = 2;

/** Rejects with the first answer that is not 2xx. */
export async function openLoop(load: OpenLoad): Promise<OpenLoadResult> {
  const { hostname, port } = new URL(load.url);
  await using stack = new AsyncDisposableStack();
  const connect = async () => stack.use(await HttpConnection.open(hostname, Number(port)));
  const connections = await Promise.all(Array.from({ length: load.connections }, connect));
  return await new Arrivals(load, connections).run();
}

class Arrivals {
  readonly #load: OpenLoad;
  readonly #requests: readonly Buffer[];
  readonly #idle: HttpConnection[];
  /** When requests that wait for a connection were due. */
  readonly #waiting: number[] = [];
  readonly #latencies: number[] = [];
  readonly #driver: number[] = [];
  #bytes = 0;
  #sent = 0;
  #underWay = 0;
  #failure: Error | null = null;
  #onEnd: (() => void) | null = null;

  constructor(load: OpenLoad, connections: readonly HttpConnection[]) {
    this.#load = load;
    this.#idle = [...connections];
    this.#requests = load.bodies.map((body) => requestOf(load.url, body));
  }

  async run(): Promise<OpenLoadResult> {
    const { requestsPerSecond, until } = this.#load;
    const gapMillis = 1000 / requestsPerSecond;
    const start = performance.now();
    const count = Math.ceil(requestsPerSecond * this.#load.seconds);
    let arrived = 0;
    for (; arrived < count && until?.aborted !== true && this.#failure === null; arrived += 1) {
      const due = start + arrived * gapMillis;
      if (performance.now() < due) await this.#until(due);
      this.#arrive(due);
    }
    const seconds = (performance.now() - start) / 1000;
    await this.#end();
    return this.#result(arrived, seconds);
  }

  async #end(): Promise<void> {
    if (this.#underWay > 0 && this.#failure === null)
      await new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
    if (this.#failure !== null) throw this.#failure;
  }

  async #until(due: number): Promise<void> {
    const left = due - performance.now();
    if (left > TIMER_MILLIS) await sleep(left - TIMER_MILLIS);
    while (performance.now() < due) await new Promise(setImmediate);
  }

  #arrive(due: number): void {
    this.#underWay += 1;
    const connection = this.#idle.pop();
    if (connection === undefined) this.#waiting.push(due);
    else {
      this.#driver.push(performance.now() - due);
      this.#send(connection, due);
    }
  }

  #send(connection: HttpConnection, due: number): void {
    const request = this.#requests[this.#sent % this.#requests.length] as Buffer;
    this.#sent += 1;
    connection.ask(request, (answer) => {
      if (answer instanceof Error) this.#failure ??= answer;
      else this.#answered(connection, due, answer);
      if (this.#underWay === 0 || this.#failure !== null) this.#onEnd?.();
    });
  }

  #answered(connection: HttpConnection, due: number, bytes: number): void {
    this.#latencies.push(performance.now() - due);
    this.#bytes += bytes;
    this.#underWay -= 1;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else this.#send(connection, next);
  }

  #result(requests: number, seconds: number): OpenLoadResult {
    const latencies = Float64Array.from(this.#latencies).sort();
    return {
      requests,
      requestsPerSecond: requests / seconds,
      p50Millis: quantile(latencies, 0.5),
      p99Millis: quantile(latencies, 0.99),
      maxMillis: latencies.at(-1) ?? 0,
      driverP99Millis: quantile(Float64Array.from(this.#driver).sort(), 0.99),
      bytesPerAnswer: Math.round(this.#bytes / requests),
    };
  }
}

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;

function requestOf(url: string, body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = `POST /v1/online-features HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}
