// POST /v1/sources/{source}/events, a batch at a time.
import type { PushAnswer, PushQuery, PushRequest } from '../../../schemas/wire-types.ts';
import { PlumbApiError } from './errors.ts';
import { expectShape } from './expect.ts';
import { stringifyJson } from './json.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';

export interface PushOptions extends CallOptions {
  /** `reject_all`, the default: nothing of a batch is accepted where one of its events cannot be used. */
  readonly onError?: PushRequest['onError'];
  /** Events of one request; default 500, and the server has a limit of its own. */
  readonly batchSize?: number | undefined;
  /** The answer comes when lookups see the events, with `applied`; each batch waits. */
  readonly wait?: PushQuery['wait'];
  /** How long each batch waits at most, such as `5s`, the default; up to `60s`. Needs `wait`. */
  readonly timeout?: PushQuery['timeout'];
  /**
   * That the source has an `eventIdColumn`, so that each event counts once however often it is sent: then a batch is sent again
   * also where its answer did not come.
   */
  readonly hasIds?: boolean | undefined;
}

const BATCH_SIZE = 500;
const NOTHING: PushAnswer = { accepted: 0, duplicates: 0, differing: [], ignored: 0, rejected: [] };

export async function push(
  transport: Transport,
  source: string,
  events: Iterable<object> | AsyncIterable<object>,
  options: PushOptions,
): Promise<PushAnswer> {
  const { batchSize = BATCH_SIZE } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new TypeError(`batchSize: found ${batchSize}, expected a positive integer`);
  let all: PushAnswer = NOTHING;
  let batch: object[] = [];
  let sent = 0;
  const send = async (): Promise<void> => {
    all = together(all, await pushBatch(transport, source, batch, options), sent);
    sent += batch.length;
    batch = [];
  };
  for await (const event of events) if (batch.push(event) === batchSize) await send();
  if (batch.length > 0) await send();
  return all;
}

async function pushBatch(
  transport: Transport,
  source: string,
  events: readonly object[],
  { onError, batchSize: _size, hasIds = false, wait, timeout, ...options }: PushOptions,
): Promise<PushAnswer> {
  const path = `/v1/sources/${encodeURIComponent(source)}/events`;
  const call = {
    ...options,
    method: 'POST',
    query: { wait, timeout },
    ...(wait === undefined ? {} : patient(options)),
    ...{ path, headers: { 'content-type': 'application/json' }, body: stringifyJson({ events, onError }) },
    retry: hasIds ? 'safe' : 'untaken',
  } as const;
  const answer = await transport
    .json(call)
    .catch((error: unknown) => ({ ...NOTHING, rejected: allBad(error, onError) }));
  return expectShape<PushAnswer>('POST /v1/sources/{source}/events', answer, {
    ...{ accepted: 'number', duplicates: 'number', differing: 'array', ignored: 'number', rejected: 'array' },
  });
}

/** The server is silent while it waits, for 60 seconds at most. */
const patient = ({ timeoutMillis = 90_000 }: CallOptions) => ({ silenceMillis: 75_000, timeoutMillis });

/** A batch of nothing but events that cannot be used is an error to the server: with accept_valid the others go on. */
function allBad(error: unknown, onError: PushOptions['onError']): unknown {
  if (onError !== 'accept_valid' || !(error instanceof PlumbApiError) || error.code !== 'INVALID_EVENTS') throw error;
  return error.details.rejected;
}

/** Places count from the first event of the first batch. */
const together = (all: PushAnswer, answer: PushAnswer, sent: number): PushAnswer => ({
  accepted: all.accepted + answer.accepted,
  duplicates: all.duplicates + answer.duplicates,
  differing: [...all.differing, ...answer.differing.map((index) => index + sent)],
  ignored: all.ignored + answer.ignored,
  rejected: [...all.rejected, ...answer.rejected.map((one) => ({ ...one, index: one.index + sent }))],
  ...bothApplied(all.applied, answer.applied),
});

/** Absent where no batch waited; one of which nothing was accepted did not. */
function bothApplied(all: boolean | undefined, one: boolean | undefined): Pick<PushAnswer, 'applied'> {
  if (one === undefined) return all === undefined ? {} : { applied: all };
  return { applied: one && all !== false };
}
