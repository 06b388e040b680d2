// AWS Signature Version 4, for a proxy that changed a signed request.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface SignedRequest {
  readonly method: string;
  /** With its query, as it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The Authorization header of a request that was signed before, with the headers that it has now. */
export function signAgain(
  { method, path, headers }: SignedRequest,
  { accessKeyId, secretAccessKey }: Credentials,
): string {
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+),/.exec(String(headers.authorization)) ?? [];
  const signedHeaders = names.split(';').filter((name) => headers[name] !== undefined);
  const [uri = '', query = ''] = path.split('?');
  const canonical = [
    ...[method, uri, query.split('&').map(withValue).toSorted().join('&')],
    ...signedHeaders.map((name) => `${name}:${String(headers[name]).trim()}`),
    ...['', signedHeaders.join(';'), String(headers['x-amz-content-sha256'])],
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
}

const withValue = (part: string): string => (part === '' || part.includes('=') ? part : `${part}=`);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
