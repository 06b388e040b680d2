// Which Redis takes streams: one that keeps what it was told. A key that it drops by itself takes entries away whose events
// never come again, and no sentinel would tell.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Send } from './redis-connection.ts';
import { RespWriter } from './resp-writer.ts';

/** INVALID_CONFIG for any maxmemory-policy but noeviction; NOT_SUPPORTED for a server of a Cluster. */
export async function requireKeeping(send: Send, where: string): Promise<void> {
  const ask = new RespWriter().command('INFO', 1).argument('server').command('INFO', 1).argument('memory');
  const info = (await send(ask.finish())).join('\r\n');
  if (/^redis_mode:cluster\r?$/m.test(info)) throw notOnCluster();
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'unknown';
  if (policy === 'noeviction') return;
  const what = `has the maxmemory-policy ${policy}, expected noeviction: when it is full it may drop entries of streams, and nobody would notice. Set maxmemory-policy to noeviction`;
  throw new PlumbError('INVALID_CONFIG', `Redis at ${where} ${what}`, {
    details: { policy },
    privateDetails: { store: where },
    publicMessage: `The online store ${what}`,
  });
}

export const notOnCluster = (): PlumbError =>
  new PlumbError(
    'NOT_SUPPORTED',
    'Streams are not written to a Redis Cluster: a commit is one script, and entities lie on several servers. Use one Redis, or a master behind Sentinels',
  );
