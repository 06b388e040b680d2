// Writes of what must not be there yet. Everything that several machines agree on (registry versions, manifests, leases)
// stands on them, so a service that lets a second creator of a key win is no storage. Whether it does is asked once per
// process, before its first write: the key of the probe is there already, mostly, so creating it again must be refused.
import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PlumbError } from '../../../schemas/errors.ts';
import type { S3Connection } from './s3-connection.ts';
import { isMissing, isRefusedByCondition, statusOf } from './s3-failure.ts';
import { findWrite, WRITE_ID } from './upload-file.ts';

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly content: Uint8Array;
}

/**
 * False when the key exists already. An answer may be lost after the write happened, and the request is then repeated and
 * refused because of itself: the object's metadata tells which write made it.
 */
export async function createObject(connection: S3Connection, object: NewObject): Promise<boolean> {
  const writeId = randomUUID();
  for (;;) {
    if (await putIfNoneMatch(connection, object, writeId)) return true;
    try {
      return (await findWrite(connection, object, writeId)) !== null;
    } catch (error) {
      // Somebody deleted it after it stood in the way.
      if (!isMissing(error)) throw error;
    }
  }
}

async function putIfNoneMatch({ client }: S3Connection, object: NewObject, writeId: string): Promise<boolean> {
  const { bucket, key, content } = object;
  const params = { Bucket: bucket, Key: key, Body: content, IfNoneMatch: '*', Metadata: { [WRITE_ID]: writeId } };
  try {
    await client.send(new PutObjectCommand(params));
    return true;
  } catch (error) {
    if (isRefusedByCondition(error)) return false;
    throw error;
  }
}

/** Below a name that no object of Plumb has (object-key.ts), so that no listing shows it. */
export const PROBE_KEY = 'tmp/conditional-writes';
const PROBE_TEXT = 'Plumb tries whether a second write of this key is refused.\n';

/** NOT_SUPPORTED where the service takes a second creator of one key. `prefix`: empty, or a folder that ends in `/`. */
export function requireConditionalWrites(
  connection: S3Connection,
  place: { readonly bucket: string; readonly prefix: string },
): Promise<void> {
  const address = `s3://${place.bucket}/${place.prefix}`;
  const known = connection.proven.get(address);
  if (known !== undefined) return known;
  const proof = probe(connection, { ...place, address });
  connection.proven.set(address, proof);
  // An outage proves nothing: the next write asks again.
  proof.catch(() => connection.proven.delete(address));
  return proof;
}

interface ProbedPlace {
  readonly bucket: string;
  readonly prefix: string;
  readonly address: string;
}

async function probe(connection: S3Connection, { bucket, prefix, address }: ProbedPlace): Promise<void> {
  const object = { bucket, key: `${prefix}${PROBE_KEY}`, content: Buffer.from(PROBE_TEXT) };
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      if (!(await putIfNoneMatch(connection, object, randomUUID()))) return;
    } catch (error) {
      if (statusOf(error) !== 501) throw error;
      throw unfit(address, 'refuses conditional writes (HTTP 501)', error);
    }
  }
  throw unfit(address, 'let two writers create the same object', undefined);
}

function unfit(address: string, found: string, cause: unknown): PlumbError {
  const messageOf = (where: string): string =>
    `${where} cannot be a storage: the service ${found}, expected that it honours If-None-Match: use a service with conditional writes (AWS S3 has them), or a folder. Sources may stay there`;
  return new PlumbError('NOT_SUPPORTED', messageOf(address), {
    privateDetails: { storage: address },
    publicMessage: messageOf('the bucket'),
    cause,
  });
}
