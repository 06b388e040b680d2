// The answer of a lookup, read back from the bytes that are sent, without losing a digit.
import type { Status } from '../../../schemas/types.ts';
import { type Json, parseJson } from '../../lossless-json.ts';

export interface Answer {
  readonly service: string | null;
  readonly version: number;
  /** Of a lookup that was bound to a version of a service, or to a training set. */
  readonly serviceVersion?: number;
  /** Output names: the columns of what follows. */
  readonly features: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  /** Whoever reads an answer back asks for them. */
  readonly statuses: readonly (readonly Status[])[];
  readonly eventTimes?: readonly (readonly (string | null)[])[];
  /** View to the instant of its last run. */
  readonly asOf?: Readonly<Record<string, string>>;
  /** Views that still serve their former definition. */
  readonly changed?: readonly string[];
  readonly at: string;
}

export const readAnswer = (bytes: Uint8Array): Answer =>
  parseJson(Buffer.from(bytes).toString(), 'the answer') as unknown as Answer;
