// What every SDK is held to, in whatever language: sdk/vectors/vectors.json, which the tests of the Python client read too.
import { readFile } from 'node:fs/promises';
import type { LookupRequest } from '../../sdk/typescript/src/index.ts';
import { type JsonObject, parseJson } from '../../src/lossless-json.ts';

interface Vectors {
  /** Files by name, as lists of lines. */
  readonly project: { readonly until: string; readonly files: Readonly<Record<string, readonly string[]>> };
  /** Asked of a real server that has the project. Values are as JSON has them. */
  readonly lookups: readonly {
    readonly name: string;
    readonly request: LookupRequest;
    readonly answer: {
      readonly service: string | null;
      readonly version: number;
      readonly at: string;
      readonly features: readonly string[];
      readonly rows: readonly (readonly unknown[])[];
      readonly statuses?: readonly (readonly string[])[];
      readonly eventTimes?: readonly (readonly (string | null)[])[];
      readonly asOf?: JsonObject;
    };
  }[];
  readonly refusals: readonly {
    readonly name: string;
    readonly request: LookupRequest;
    readonly error: { readonly code: string; readonly status: number; readonly path?: string };
  }[];
  readonly trainingSet: {
    readonly service: string;
    readonly labels: readonly JsonObject[];
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
  };
  /** An answer that is given to each request; what the client makes of it, and how often it asks with two retries. */
  readonly failures: readonly {
    readonly name: string;
    readonly answer: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
    readonly error: FailureVector;
    readonly requests: { readonly lookup: number; readonly job: number };
  }[];
  readonly impossibleUrls: readonly string[];
}

export interface FailureVector {
  /** `CLIENT_PROTOCOL` of an answer that is not what the API says. */
  readonly code: string;
  readonly retryable: boolean;
  /** Is in the message. */
  readonly message: string;
  readonly status?: number;
  readonly details?: JsonObject;
  readonly requestId?: string;
  readonly retryAfterSeconds?: number;
}

const FILE = new URL('../../sdk/vectors/vectors.json', import.meta.url);

export const VECTORS = parseJson(await readFile(FILE, 'utf8'), 'the vectors') as unknown as Vectors;
