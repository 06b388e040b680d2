// Keys that views and sources of another kind have, refused with the reason.
import type { FeatureViewDefinition } from '../../schemas/definitions.ts';
import type { SourceDefinition } from '../../schemas/sources.ts';
import type { ContractMistake } from '../contract-mistakes.ts';
import { isObject } from './raw-definitions.ts';

type Reasons = Readonly<Record<string, string>>;

interface RefusedKeys {
  readonly ofObject: Reasons;
  readonly ofFeature: Reasons;
}

const HAS_NO_BOUNDARY = 'a label has no boundary, as its window starts at the instant of the training row itself';
const IS_NEVER_RUN = 'a label is never run or served, as training sets compute it';
const OF_ROWS = 'it is of row views, whose last row can say that the key is gone';
const ONE_ROW = 'a row view gives the values of the last row of a key';

const IS_OF_STREAMS = 'it is of streams (kind: stream), whose rows are pushed';
const ARE_PUSHED = 'the rows of a stream are pushed; files of the time before are its `history`';
const IS_CREATED_WHEN_PUSHED = 'an event of a stream is created when it arrives';

const REFUSED: Readonly<Record<FeatureViewDefinition['kind'] | SourceDefinition['kind'], RefusedKeys>> = {
  batch: {
    ofObject: {
      eventIdColumn: `no eventIdColumn: ${IS_OF_STREAMS}`,
      topic: `no topic: ${IS_OF_STREAMS}`,
      envelope: `no envelope: ${IS_OF_STREAMS}`,
      history: `no history: ${IS_OF_STREAMS}`,
      maxFuture: `no maxFuture: ${IS_OF_STREAMS}`,
      deadLetters: `no deadLetters: ${IS_OF_STREAMS}`,
    },
    ofFeature: {},
  },
  stream: {
    ofObject: {
      path: `no path: ${ARE_PUSHED}`,
      format: `no format: ${ARE_PUSHED}`,
      delimiter: `no delimiter: ${ARE_PUSHED}`,
      header: `no header: ${ARE_PUSHED}`,
      nullValues: `no nullValues: ${ARE_PUSHED}`,
      partitionColumns: `no partitionColumns: ${ARE_PUSHED}`,
      createdTimestampColumn: `no createdTimestampColumn: ${IS_CREATED_WHEN_PUSHED}`,
      createdTimestampUnit: `no createdTimestampUnit: ${IS_CREATED_WHEN_PUSHED}`,
    },
    ofFeature: {},
  },
  row: {
    ofObject: {
      window: `no window: ${ONE_ROW}; \`ttl\` says how old it may be`,
      offset: `no offset: ${ONE_ROW}, and has no windows`,
      hop: `no hop: ${ONE_ROW}, and has no windows`,
    },
    ofFeature: {
      aggregate: `no aggregate: ${ONE_ROW}; aggregates are of views of kind aggregate`,
      window: `no window: ${ONE_ROW}; the view's \`ttl\` says how old it may be`,
      offset: `no offset: ${ONE_ROW}, and has no windows`,
      hop: `no hop: ${ONE_ROW}, and has no windows`,
      where: `no where: ${ONE_ROW}, the same row for all features; the view has a \`where\``,
      gap: `no gap: ${ONE_ROW}; sessions are aggregates`,
      n: `no n: ${ONE_ROW}; last_n is an aggregate`,
      p: `no p: ${ONE_ROW}; approx_percentile is an aggregate`,
      by: `no by: ${ONE_ROW}; maps are what aggregates give`,
      top: `no top: ${ONE_ROW}; maps are what aggregates give`,
      as: `no as: ${ONE_ROW}; maps are what aggregates give`,
      columns: `no columns: ${ONE_ROW} already, each feature a column of it`,
    },
  },
  aggregate: {
    ofObject: {
      deletedWhen: `no deletedWhen: ${OF_ROWS}; an aggregate view leaves rows out by \`where\``,
    },
    ofFeature: {},
  },
  label: {
    ofObject: {
      refresh: `no refresh: ${HAS_NO_BOUNDARY}`,
      schedule: `no schedule: ${IS_NEVER_RUN}`,
      catchUp: `no catchUp: ${IS_NEVER_RUN}`,
      lateness: `no lateness: ${IS_NEVER_RUN}`,
      ttl: 'no ttl: a label does not age, as its window has an end',
      deletedWhen: `no deletedWhen: ${OF_ROWS}; a label leaves rows out by \`where\``,
      strictlyBefore: 'no strictlyBefore: a label counts the rows from its instant on, those stamped exactly then too',
    },
    ofFeature: {
      offset: 'no offset: the window of a label begins at its instant, [t, t + window)',
      hop: 'no hop: the window of a label is exact, [t, t + window)',
    },
  },
};

/** The mistake, with the reason where an object of this kind cannot have such a key. `value`: the view or source as it is written. */
export function withReason(mistake: ContractMistake, value: unknown): ContractMistake {
  const { kind, path } = mistake;
  if (kind !== 'unknown_key' || !isObject(value) || !isKind(value.kind)) return mistake;
  const { ofObject, ofFeature } = REFUSED[value.kind];
  const reasons = path.length === 1 ? ofObject : path[0] === 'features' && path.length === 3 ? ofFeature : {};
  const key = String(path.at(-1));
  return Object.hasOwn(reasons, key) ? { ...mistake, expected: reasons[key] as string, nearest: null } : mistake;
}

const isKind = (kind: unknown): kind is keyof typeof REFUSED =>
  typeof kind === 'string' && Object.hasOwn(REFUSED, kind);
