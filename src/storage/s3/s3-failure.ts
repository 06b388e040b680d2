// Errors of the SDK and of the connection → PlumbError, in words that name the place and say what to do. Messages of the
// service are not passed on: some hold access keys and signed requests.
import { PlumbError } from '../../../schemas/errors.ts';
import { cancelled } from '../../cancelled.ts';
import { errorCode } from '../disk-failure.ts';

const RIGHTS =
  's3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload';
const NO_CREDENTIALS =
  'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or give the machine a role';
const WRONG_CREDENTIALS = 'the service does not accept the credentials: check the access key and its secret';
const EXPIRED = 'the credentials have expired: renew them (sign in again, or fetch a new session token)';
const SKEWED = 'the clock of this machine differs too much from that of the service: set it right (NTP)';
const DENIED = `access was denied: grant the credentials ${RIGHTS} on the bucket`;
const WRONG_REGION = 'the bucket lies in another region: set s3.region (or AWS_REGION) to that of the bucket';
const NO_REGION = 'no region is known: set s3.region or AWS_REGION';
const SLOWED =
  'the service asks to slow down and did so for as long as was waited: try again later, or raise its limits';
const UNREACHABLE = 'the service cannot be reached: check s3.endpoint, the network and its firewall';
const SILENT = 'the service did not answer in time: try again, or raise s3.requestTimeoutMillis';
const BROKEN = 'the connection broke again and again: try again later';

const REASONS: Readonly<Record<string, string>> = {
  AccessDenied: DENIED,
  Forbidden: DENIED,
  AllAccessDisabled: DENIED,
  AccountProblem: DENIED,
  InvalidAccessKeyId: WRONG_CREDENTIALS,
  SignatureDoesNotMatch: WRONG_CREDENTIALS,
  InvalidToken: WRONG_CREDENTIALS,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  RequestExpired: EXPIRED,
  RequestTimeTooSkewed: SKEWED,
  CredentialsProviderError: NO_CREDENTIALS,
  TokenProviderError: EXPIRED,
  PermanentRedirect: WRONG_REGION,
  TemporaryRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  SlowDown: SLOWED,
  ServiceUnavailable: SLOWED,
  ThrottlingException: SLOWED,
  TooManyRequests: SLOWED,
  TimeoutError: SILENT,
  RequestTimeout: SILENT,
  PreconditionFailed: 'the object was replaced while it was read: try again',
  InvalidObjectState: 'the object is archived: restore it first',
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: SILENT,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
};
const FULL = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'StorageFull']);
const BY_STATUS: Readonly<Record<number, string>> = { 301: WRONG_REGION, 307: WRONG_REGION, 401: WRONG_CREDENTIALS };

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

export const statusOf = (error: unknown): number | null =>
  (error as ServiceError | null)?.$metadata?.httpStatusCode ?? null;

/** The service says that there is no such object (or, to HEAD, nothing of that name). */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NoSuchKey' || (statusOf(error) === 404 && error.name === 'NotFound'));

/** A condition of the request does not hold: the object is there already, or it is another one by now. */
export const isRefusedByCondition = (error: unknown): boolean => statusOf(error) === 412;

/**
 * `place`: `storage "s3://bucket/prefix"`; `doing`: what was tried, such as `writing views/x/manifest.json`; `publicPlace`:
 * what clients over the network are told in place of it.
 */
export function s3Failure(cause: unknown, place: string, doing: string, publicPlace = place): PlumbError {
  if (cause instanceof PlumbError) return cause;
  const error = cause as ServiceError;
  if (error?.name === 'AbortError') return cancelled(cause);
  const status = statusOf(error);
  const reason = reasonOf(error);
  const isFull = FULL.has(reason) || status === 507;
  const messageFor = (where: string): string =>
    isFull
      ? `the ${where} is full (${reason}) while ${doing}: free some space and run the command again`
      : `the ${where} failed (${reason}) while ${doing}: ${advice(error, reason)}`;
  return new PlumbError(isFull ? 'RESOURCE_EXHAUSTED' : 'STORAGE_UNAVAILABLE', messageFor(place), {
    details: { reason, ...(status === null ? {} : { status }) },
    cause,
    publicMessage: messageFor(publicPlace),
  });
}

/** A code of the machine, such as ECONNREFUSED, or of the service, such as SlowDown. */
export function reasonOf(cause: unknown): string {
  const error = cause as ServiceError;
  const code = errorCode(error) ?? errorCode(error.cause);
  if (code !== null && code in REASONS) return code;
  if (error.message === 'Region is missing') return 'NoRegion';
  const status = statusOf(error);
  if (error.name === 'Unknown' || error.name === 'UnknownError' || error.name === 'Error')
    return status === null ? (code ?? 'unknown') : `HTTP ${status}`;
  return error.name;
}

function advice(error: ServiceError, reason: string): string {
  if (reason === 'NoSuchBucket') return 'there is no such bucket: create it, or correct its name';
  if (reason === 'NoRegion') return NO_REGION;
  const region = error.$response?.headers?.['x-amz-bucket-region'];
  const status = statusOf(error) ?? 0;
  const known = REASONS[reason] ?? BY_STATUS[status] ?? (status === 403 ? DENIED : null);
  if (known === WRONG_REGION && region !== undefined) return `${WRONG_REGION}, ${region}`;
  if (known !== null) return known;
  if (status === 404) return 'there is no such bucket or object: check the name of the bucket';
  return status >= 500 ? 'the service failed again and again: try again later' : 'the service refused the request';
}
