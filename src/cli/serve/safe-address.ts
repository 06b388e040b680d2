// A server that others can reach asks for keys, unless its operator said that it need not.
import { BlockList, isIP } from 'node:net';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';

/** INVALID_CONFIG where the server could be reached from other machines, asks for no keys, and nobody said that it may. */
export function requireSafeAddress({ host, auth, insecure }: Config['server']): void {
  if (auth === 'keys' || insecure || isLoopback(host)) return;
  const message = `server.host: found ${JSON.stringify(host)}, which other machines may reach, with server.auth none; set server.auth to keys and make one with \`plumb key create\`, or allow it with --insecure`;
  throw new PlumbError('INVALID_CONFIG', message, { details: { path: 'server.host' } });
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Another name than `localhost` may lead anywhere, and so may text that only the system reads as an address, such as `127.1`. */
function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
