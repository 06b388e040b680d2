// Whether a server lets single fields of a hash expire: Redis from 7.4 on, Valkey from 9. Asked once per server process.
import type { Send } from './redis-connection.ts';
import { RespWriter } from './resp-writer.ts';

export class FieldExpiry {
  #server: string | null = null;
  #isKnown = false;

  /** False too where COMMAND is not allowed: keys expire as a whole then. */
  async isKnownTo(server: string, send: Send): Promise<boolean> {
    if (this.#server === server) return this.#isKnown;
    const ask = new RespWriter().command('COMMAND', 2).argument('INFO').argument('HPEXPIRE').finish();
    const [commands] = await send(ask).catch(() => [null]);
    this.#isKnown = Array.isArray(commands) && Array.isArray(commands[0]);
    this.#server = server;
    return this.#isKnown;
  }
}
