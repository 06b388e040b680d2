// The one table of error codes: HTTP status, CLI exit code, and what each means. Imports nothing, so SDKs can read it.

/** exit 1: failed while running. exit 2: the request is wrong. retryable: the same call may succeed later, unchanged. */
export const ERRORS = {
  INVALID_REQUEST: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'The request is malformed; details.path says where.',
  },
  INVALID_CONFIG: {
    status: 503,
    exit: 2,
    retryable: false,
    meaning: 'The project file or a PLUMB_ variable is wrong: such as a password that the online store refuses.',
  },
  INVALID_DEFINITION: {
    status: 422,
    exit: 2,
    retryable: false,
    meaning: 'Definitions have mistakes; details.issues lists all.',
  },
  INVALID_LABELS: {
    status: 422,
    exit: 2,
    retryable: false,
    meaning: 'The labels cannot be used: a column is missing, ambiguous or unparsable.',
  },
  INVALID_EVENTS: {
    status: 422,
    exit: 2,
    retryable: false,
    meaning: 'Events that cannot be used, so that none was accepted; details.rejected lists them, at most 1,000.',
  },
  UNAUTHENTICATED: {
    status: 401,
    exit: 2,
    retryable: false,
    meaning: 'The request has no key that holds: details.reason is missing, malformed, unknown, expired or revoked.',
  },
  FORBIDDEN: {
    status: 403,
    exit: 2,
    retryable: false,
    meaning: 'The key may not do this; details.lacking says what it lacks.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    exit: 2,
    retryable: false,
    meaning: 'The Accept header allows none of the forms that the answer has.',
  },
  UNKNOWN_NAME: {
    status: 404,
    exit: 2,
    retryable: false,
    meaning: 'No such service, view, feature, source, dataset or job.',
  },
  NOT_APPLIED: {
    status: 409,
    exit: 2,
    retryable: false,
    meaning: 'The project has no registered version yet: run `plumb apply`.',
  },
  NOT_MATERIALIZED: {
    status: 409,
    exit: 1,
    retryable: false,
    meaning: 'A view has no live rows under its join keys: run `plumb materialize`.',
  },
  NOT_AS_LEARNED: {
    status: 409,
    exit: 1,
    retryable: false,
    meaning:
      'A version of a service, or a dataset, whose features are not served with the meaning that they had; details.features says which and how.',
  },
  OFFLINE_ONLY: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'A view with `online: false`, or of labels: training sets have it, lookups do not.',
  },
  NOT_SUPPORTED: { status: 501, exit: 2, retryable: false, meaning: 'Planned, but not built yet.' },
  BEHIND_WATERMARK: {
    status: 409,
    exit: 2,
    retryable: false,
    meaning: '--until lies before the watermark: use --full to rebuild.',
  },
  SOURCE_MISMATCH: {
    status: 409,
    exit: 1,
    retryable: false,
    meaning: 'A source is missing or its columns are not as registered.',
  },
  CONFLICT: { status: 409, exit: 1, retryable: true, meaning: 'Somebody else committed first: try again.' },
  INVALID_VALUE: {
    status: 422,
    exit: 1,
    retryable: false,
    meaning: 'An int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a result uses.',
  },
  TOO_LARGE: { status: 413, exit: 2, retryable: false, meaning: 'The request is over a limit; details say which.' },
  RESOURCE_EXHAUSTED: {
    status: 507,
    exit: 1,
    retryable: true,
    meaning: 'No space left on disk, or the memory limit was reached.',
  },
  STORE_UNAVAILABLE: { status: 503, exit: 1, retryable: true, meaning: 'The online store does not answer.' },
  STORAGE_UNAVAILABLE: {
    status: 503,
    exit: 1,
    retryable: true,
    meaning: 'The storage (files, object store) cannot be read or written.',
  },
  STORAGE_CORRUPT: {
    status: 500,
    exit: 1,
    retryable: false,
    meaning: 'A stored object is not what its manifest or format says.',
  },
  LOG_GAP: {
    status: 503,
    exit: 1,
    retryable: false,
    meaning: 'Events that are needed are not in the event log any more, nor in the lake.',
  },
  COMMAND_FAILED: {
    status: 500,
    exit: 1,
    retryable: false,
    meaning: 'A command of a schedule ended with another exit code than 0; details.exitCode says which.',
  },
  NOT_SERVED: {
    status: 421,
    exit: 1,
    retryable: false,
    meaning: 'This server was started without that duty (`server.duties`): ask another one.',
  },
  ENGINE_FAILED: { status: 500, exit: 1, retryable: false, meaning: 'The engine refused or failed a query.' },
  DRAINING: {
    status: 503,
    exit: 1,
    retryable: true,
    meaning: 'The server is about to stop: ask another one, or again.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    exit: 1,
    retryable: true,
    meaning: 'A queue is full; details say which.',
  },
  INTERRUPTED: {
    status: 500,
    exit: 1,
    retryable: true,
    meaning: 'The process that did the work ended before it was done: ask again.',
  },
  CANCELLED: { status: 499, exit: 1, retryable: false, meaning: 'The work was cancelled.' },
  INTERNAL: { status: 500, exit: 1, retryable: false, meaning: 'A defect in Plumb.' },
} as const satisfies Record<string, { status: number; exit: 1 | 2; retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface PlumbErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  /** For the log and the command line, not for clients over the network: hosts, folders, queries. */
  readonly privateDetails?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** In place of a message that names what only operators may see, such as addresses. */
  readonly publicMessage?: string;
}

/** A PlumbError as plain data. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** What a client over the network is told. */
  readonly publicMessage: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly privateDetails: Readonly<Record<string, unknown>>;
}

/** The one error class. The message tells a user what was found, what was expected, where, and what to do. */
export class PlumbError extends Error implements ErrorData {
  override readonly name = 'PlumbError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly publicMessage: string;
  readonly privateDetails: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: PlumbErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.publicMessage = options.publicMessage ?? message;
    this.privateDetails = options.privateDetails ?? {};
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** A PlumbError as it is. Anything else is a defect: INTERNAL, without a word of it. */
export const asPlumbError = (error: unknown): PlumbError =>
  error instanceof PlumbError ? error : new PlumbError('INTERNAL', 'internal error', { cause: error });

/** What a client over the network may read of an error. */
export const publicError = ({ code, publicMessage, details }: ErrorData) => ({ code, message: publicMessage, details });

/** For another process, which has a class of its own. */
export const errorData = ({ code, message, publicMessage, details, privateDetails }: PlumbError): ErrorData => ({
  code,
  message,
  publicMessage,
  details,
  privateDetails,
});
