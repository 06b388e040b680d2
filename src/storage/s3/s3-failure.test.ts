import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError, publicError } from '../../../schemas/errors.ts';
import { s3Failure } from './s3-failure.ts';

const SECRET = 'AKIASECRETSECRET';

function failed(name: string, httpStatusCode?: number, extra: object = {}) {
  const metadata = httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } };
  const error = Object.assign(new Error(`signed with ${SECRET}`), { name, ...metadata, ...extra });
  return s3Failure(error, 'storage "s3://lake/demo"', 'writing jobs/1.json');
}

for (const [name, status, expected] of [
  ['AccessDenied', 403, /\(AccessDenied\) while writing jobs\/1\.json: access was denied: grant .*s3:PutObject/],
  ['Unknown', 403, /\(HTTP 403\).*access was denied/],
  ['NoSuchBucket', 404, /there is no such bucket: create it/],
  ['PermanentRedirect', 301, /another region: set s3\.region/],
  ['AuthorizationHeaderMalformed', 400, /another region/],
  ['ExpiredToken', 400, /have expired: renew them/],
  ['InvalidAccessKeyId', 403, /does not accept the credentials/],
  ['SignatureDoesNotMatch', 403, /does not accept the credentials/],
  ['RequestTimeTooSkewed', 403, /the clock of this machine/],
  ['CredentialsProviderError', undefined, /no credentials were found: set AWS_ACCESS_KEY_ID/],
  ['SlowDown', 503, /asks to slow down/],
  ['InternalError', 500, /\(InternalError\).*failed again and again/],
  ['TimeoutError', undefined, /did not answer in time/],
] as const) {
  test(`${name} says what to do, and no secret`, () => {
    const error = failed(name, status);
    assert.equal(error.code, 'STORAGE_UNAVAILABLE');
    assert.match(error.message, expected);
    assert.match(error.message, /storage "s3:\/\/lake\/demo"/);
    assert.doesNotMatch(`${error.message}${JSON.stringify(error.details)}`, new RegExp(SECRET));
  });
}

test('a bucket elsewhere is named with its region where the service tells it', () => {
  const $response = { headers: { 'x-amz-bucket-region': 'eu-north-1' } };
  assert.match(failed('PermanentRedirect', 301, { $response }).message, /to that of the bucket, eu-north-1/);
});

test('failures of the network name their code', () => {
  assert.match(failed('Error', undefined, { code: 'ECONNREFUSED' }).message, /\(ECONNREFUSED\).*cannot be reached/);
  assert.match(failed('Error', undefined, { code: 'ECONNRESET' }).message, /\(ECONNRESET\).*broke again and again/);
});

test('a full service is full, a cancelled request cancelled, and what is told already stays', () => {
  assert.equal(failed('QuotaExceeded', 403).code, 'RESOURCE_EXHAUSTED');
  assert.equal(failed('AbortError').code, 'CANCELLED');
  const told = new PlumbError('STORAGE_CORRUPT', 'told');
  assert.equal(s3Failure(told, 'x', 'y'), told);
});

test('clients over the network read no bucket', () => {
  const failure = s3Failure(new Error('reset'), 'storage "s3://lake/demo"', 'writing jobs/1.json', 'storage');
  assert.match(failure.message, /lake/);
  assert.doesNotMatch(JSON.stringify(publicError(failure)), /lake/);
});
