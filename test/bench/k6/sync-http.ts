// HTTP that blocks the caller: a worker fetches while this thread waits on a shared flag.
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Exchanged {
  /** 0: no answer, as in k6; `error` says why. */
  readonly status: number;
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const WAIT_MILLIS = 30_000;

let channel: { readonly port: MessagePort; readonly flag: Int32Array<SharedArrayBuffer> } | null = null;

export function exchange(request: Exchange): Exchanged {
  channel ??= open();
  const { port, flag } = channel;
  Atomics.store(flag, 0, 0);
  port.postMessage(request);
  if (Atomics.wait(flag, 0, 0, WAIT_MILLIS) === 'timed-out') throw new Error(`${request.url} did not answer`);
  return receiveMessageOnPort(port)?.message as Exchanged;
}

function open(): NonNullable<typeof channel> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('sync-http-worker.ts', import.meta.url), {
    workerData: { port: port2, flag },
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  return { port: port1, flag };
}
