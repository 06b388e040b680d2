// Whose keys these are: written by the first writer, checked by everybody on each connection and before each write.
import { PlumbError } from '../../../schemas/errors.ts';
import { isText } from './command-batch.ts';
import type { Send } from './redis-connection.ts';
import { FORMAT, FORMAT_FIELD, type RedisKeys } from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';

/** STORAGE_CORRUPT where another format is there. `where`: for the message. */
export async function claimLayout(send: Send, { meta }: RedisKeys, where: string): Promise<void> {
  const out = new RespWriter().command('HSETNX', 3).argument(meta).argument(FORMAT_FIELD).argument(FORMAT);
  const [, format] = await send(out.command('HGET', 2).argument(meta).argument(FORMAT_FIELD).finish());
  requireOurs(format, where);
}

/** The same, without claiming what is nobody's yet. */
export async function refuseForeignLayout(send: Send, { meta }: RedisKeys, where: string): Promise<void> {
  const [format] = await send(new RespWriter().command('HGET', 2).argument(meta).argument(FORMAT_FIELD).finish());
  if (format !== null) requireOurs(format, where);
}

function requireOurs(format: unknown, where: string): void {
  if (isText(format, FORMAT)) return;
  const message = `The online store in Redis at ${where} has format ${String(format)}, expected ${FORMAT}: use the version of Plumb that wrote it, or another database`;
  throw new PlumbError('STORAGE_CORRUPT', message, {
    privateDetails: { store: where },
    publicMessage: message.replace(` in Redis at ${where}`, ''),
  });
}
