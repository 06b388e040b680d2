// Events that are pushed to a source of kind stream.

/** POST /v1/sources/{source}/events */
export interface PushRequest {
  /** Values by column name; those that are absent are null. */
  readonly events: readonly unknown[];
  /** reject_all, the default: nothing is accepted where one event cannot be used. */
  readonly onError?: 'reject_all' | 'accept_valid' | undefined;
}

/** Query of POST /v1/sources/{source}/events */
export interface PushQuery {
  /** The answer comes when lookups see the events. */
  readonly wait?: 'applied' | undefined;
  /** How long at most, from 1s to 60s; 5s unless told. */
  readonly timeout?: string | undefined;
}

export interface RejectedEvent {
  /** Its place in the request, from 0. */
  readonly index: number;
  readonly code: EventMistake;
  readonly message: string;
  /** A column; empty for the whole event. */
  readonly path: string;
}

export const EVENT_MISTAKES = [
  'NOT_AN_OBJECT',
  'UNKNOWN_COLUMN',
  'WRONG_TYPE',
  'OUT_OF_RANGE',
  'MISSING_VALUE',
  'TOO_FAR_AHEAD',
] as const;
export type EventMistake = (typeof EVENT_MISTAKES)[number];

/** 202: they are on disk. */
export interface PushAnswer {
  readonly accepted: number;
  /** Events whose id was there already, in the log or before them in the request. */
  readonly duplicates: number;
  /** Places of duplicates that differ from the first event of their id, which counts. */
  readonly differing: readonly number[];
  /** Of the accepted ones, those stamped before `history.until` of the source: they count nowhere. */
  readonly ignored: number;
  readonly rejected: readonly RejectedEvent[];
  /** Where the request waits: whether all online views that the source feeds are live and have the events. */
  readonly applied?: boolean | undefined;
}
