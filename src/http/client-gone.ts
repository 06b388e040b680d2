// Whether anybody still waits for an answer, for those that take long and cost much.
import type { ServerResponse } from 'node:http';

/**
 * Aborts when the client has gone. One that closes only its own side counts as gone too: that is all that is seen of one that
 * ended, because the server lets clients do so.
 */
export function clientGone(response: ServerResponse | undefined): { readonly signal: AbortSignal } & Disposable {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  const socket = response?.socket;
  if (response !== undefined && (socket === null || socket === undefined || socket.readableEnded || socket.destroyed))
    leave();
  response?.once('close', leave);
  socket?.once('end', leave);
  return {
    signal: gone.signal,
    [Symbol.dispose]: () => {
      response?.off('close', leave);
      socket?.off('end', leave);
    },
  };
}
