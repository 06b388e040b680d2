// Certificates for tests, made by openssl in a folder: an authority of its own, and what it signs.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });

/** Elliptic curves: made in milliseconds. */
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

const placeOf = (folder: string, name: string): Certificate => ({
  certFile: join(folder, `${name}.pem`),
  keyFile: join(folder, `${name}.key`),
});

export function newAuthority(folder: string, name: string): Certificate {
  const place = placeOf(folder, name);
  const files = ['-keyout', place.keyFile, '-out', place.certFile];
  openssl('req', '-x509', ...KEY, ...files, '-days', '2', '-subj', `/CN=${name}`);
  return place;
}

/** `names`: as `DNS:redis.test,IP:127.0.0.1`. */
export function signedBy(authority: Certificate, folder: string, name: string, names: string): Certificate {
  const place = placeOf(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  openssl('req', ...KEY, '-keyout', place.keyFile, '-out', request, '-subj', `/CN=${name}`);
  const by = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...by, '-out', place.certFile, '-days', '2', '-extfile', extensions);
  return place;
}
