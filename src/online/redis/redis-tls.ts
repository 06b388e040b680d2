// `online.tls` → what Node's TLS takes. Files are read once, when the store is made.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { PlumbError } from '../../../schemas/errors.ts';

export interface TlsFiles {
  /** PEM. The certificate authorities to trust, in place of those that Node knows. */
  readonly caFile?: string | undefined;
  /** PEM, both or none: what we show to a Redis that asks for it. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The name in the server's certificate, where it is not the host's. */
  readonly serverName?: string | undefined;
}

/** The same for every server of a deployment. INVALID_CONFIG where a file cannot be read. */
export function readTlsFiles({ caFile, certFile, keyFile, serverName }: TlsFiles): ConnectionOptions {
  return {
    ...(caFile === undefined ? {} : { ca: read('caFile', caFile) }),
    ...(certFile === undefined ? {} : { cert: read('certFile', certFile) }),
    ...(keyFile === undefined ? {} : { key: read('keyFile', keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** An address that is no name must not be sent as one (RFC 6066). */
export const tlsFor = (files: ConnectionOptions, host: string): ConnectionOptions =>
  isIP(host) > 0 ? files : { servername: host, ...files };

function read(key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new PlumbError('INVALID_CONFIG', `online.tls.${key}: cannot read ${path}: ${code}`, {
      publicMessage: `online.tls.${key}: cannot read its file: ${code}`,
      cause,
    });
  }
}
