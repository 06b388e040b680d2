// What happened in a history, in the order in which it began. Times are milliseconds since 1970, from a clock that never
// goes back.
import type { Command, Harm } from './history.ts';

export interface CommandEvent {
  readonly kind: 'command';
  readonly command: Command;
  readonly harm: Harm | null;
  /** Whether the harm reached the process before it ended by itself. */
  readonly wasHarmed: boolean;
  readonly fromMillis: number;
  readonly toMillis: number;
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** It was killed by the harness because it did not come to an end. */
  readonly hung: boolean;
}

export interface LookupEvent {
  readonly kind: 'lookup';
  readonly at: string;
  readonly fromMillis: number;
  readonly toMillis: number;
  /** null where no answer came. */
  readonly status: number | null;
  readonly body: string;
}

/** Something other than a process of a command was disturbed, from when to when. */
export interface FaultEvent {
  readonly kind: 'fault';
  readonly name: string;
  readonly target: 'store' | 'storage' | 'server' | 'disk';
  /** The store came back without its data. */
  readonly emptied: boolean;
  readonly fromMillis: number;
  readonly toMillis: number;
}

export interface AppendEvent {
  readonly kind: 'append';
  readonly chunk: number;
  readonly fromMillis: number;
  readonly toMillis: number;
}

/** What was stored by then became days older. */
export interface AgeEvent {
  readonly kind: 'age';
  readonly fromMillis: number;
  readonly toMillis: number;
}

export type Event = CommandEvent | LookupEvent | FaultEvent | AppendEvent | AgeEvent;

export const nowMillis = (): number => performance.timeOrigin + performance.now();

interface Interval {
  readonly fromMillis: number;
  readonly toMillis: number;
}

/** Whether `cause`, which may work on for `tailMillis`, was there in some part of `during`. */
export const overlaps = (cause: Interval, during: Interval, tailMillis = 0): boolean =>
  cause.fromMillis <= during.toMillis && during.fromMillis <= cause.toMillis + tailMillis;

export const commandsOf = (events: readonly Event[]): readonly CommandEvent[] =>
  events.filter((event): event is CommandEvent => event.kind === 'command');
export const lookupsOf = (events: readonly Event[]): readonly LookupEvent[] =>
  events.filter((event): event is LookupEvent => event.kind === 'lookup');
export const faultsOf = (events: readonly Event[]): readonly FaultEvent[] =>
  events.filter((event): event is FaultEvent => event.kind === 'fault');
