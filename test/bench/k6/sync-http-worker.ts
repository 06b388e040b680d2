import { type MessagePort, workerData } from 'node:worker_threads';
import type { Exchange, Exchanged } from './sync-http.ts';

const { port, flag } = workerData as { readonly port: MessagePort; readonly flag: Int32Array };

port.on('message', async (request: Exchange) => {
  port.postMessage(await exchanged(request));
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});

async function exchanged({ url, ...init }: Exchange): Promise<Exchanged> {
  try {
    const response = await fetch(url, init);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, error: '', headers, text: await response.text() };
  } catch (error) {
    return { status: 0, error: String(error), headers: {}, text: '' };
  }
}
