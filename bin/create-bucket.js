#!/usr/bin/env node
// @ts-check
// Makes a bucket in the S3 server of docker-compose.yml, once that answers; one that is there already is fine. Plain
// JavaScript, with the signature (AWS Signature Version 4) written out, so that no other image has to be fetched for it.
//
//   PLUMB_S3_ENDPOINT=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… node bin/create-bucket.js NAME
import { createHash, createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MILLIS = 60_000;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

const [bucket = ''] = process.argv.slice(2);
const endpoint = new URL(required('PLUMB_S3_ENDPOINT'));
const accessKeyId = required('AWS_ACCESS_KEY_ID');
const secretAccessKey = required('AWS_SECRET_ACCESS_KEY');
const region = process.env.AWS_REGION || 'us-east-1';

/** @param {string} name */
function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set`);
  process.exit(2);
}

/** @param {string | Buffer} key @param {string} text */
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** @param {string} path */
function signedHeaders(path) {
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const head = `host:${endpoint.host}\nx-amz-content-sha256:${EMPTY_SHA256}\nx-amz-date:${at}\n`;
  const canonical = `PUT\n${path}\n\n${head}\n${names}\n${EMPTY_SHA256}`;
  const scope = [at.slice(0, 8), region, 's3', 'aws4_request'];
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce((secret, part) => hmac(secret, part), Buffer.from(`AWS4${secretAccessKey}`));
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${at}\n${scope.join('/')}\n${digest}`).toString('hex');
  const credential = `${accessKeyId}/${scope.join('/')}`;
  return {
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': at,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** What became of it; null where nobody answers yet. */
async function attempt() {
  const path = `/${bucket}`;
  const request = { method: 'PUT', headers: signedHeaders(path), signal: AbortSignal.timeout(5000) };
  const response = await fetch(new URL(path, endpoint), request).catch(() => null);
  if (response === null || response.status === 503) return null;
  const text = await response.text();
  if (response.ok) return { code: 0, text: `bucket ${bucket} is made` };
  if (/BucketAlreadyOwnedByYou/.test(text)) return { code: 0, text: `bucket ${bucket} is there already` };
  const [, reason = text] = /<Message>(.*?)<\/Message>/.exec(text) ?? [];
  return { code: 1, text: `bucket ${bucket} cannot be made: ${response.status} ${reason}` };
}

if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
  console.error(
    `found ${JSON.stringify(bucket)}, expected the name of a bucket: 3 to 63 small letters, digits, - and .`,
  );
  process.exit(2);
}
const giveUpAt = Date.now() + WAIT_MILLIS;
let outcome = await attempt();
while (outcome === null && Date.now() < giveUpAt) {
  await sleep(500);
  outcome = await attempt();
}
outcome ??= { code: 1, text: `${endpoint.origin} does not answer` };
console.log(outcome.text);
process.exitCode = outcome.code;
