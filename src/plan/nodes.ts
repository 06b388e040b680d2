// The plan: a small, frozen tree of what is to be computed, free of SQL and engines. A training set, a materialization and
// the keys of a view are roots over the same nodes; only the instants differ (those of labels, one boundary, or a grid).
//
//   training_set ── part ── latest_row | windows ── rows ── scan
//   materialization ────────┘            └──────── at: label_instants | boundary
//     └ increment, tombstones
//   keys ── latest_row | windows at: grid

import type { Aggregate, DataType, JoinKeyType, Value } from '../../schemas/types.ts';
import { AGGREGATE_RULES } from '../aggregate/aggregate-rules.ts';
import type { WindowSpan } from '../aggregate/windows.ts';
import type { Refresh, Source } from '../catalog/catalog.ts';
import type { ErasedKeys } from '../catalog/erasures.ts';
import type { Expression } from '../catalog/expression.ts';
import { byKind } from './by-kind.ts';
import type { PlannedKeys } from './planned-keys.ts';

export type ValuesNode = LatestRowNode | WindowsNode;
export type InstantsNode = LabelInstantsNode | BoundaryNode | GridNode;
export type RootNode = TrainingSetNode | MaterializationNode | KeysNode;

/** What rows are read from. Its id is what files are keyed by: two nodes of one id are one input. */
export type ScanNode = SourceScanNode;

/** The files of a source. */
export interface SourceScanNode {
  readonly kind: 'source_scan';
  readonly id: string;
  readonly source: Source;
}

/** Rows of a scan that pass `where`, with the view's keys and the inputs its features need. */
export interface RowsNode {
  readonly kind: 'rows';
  readonly view: string;
  readonly scan: ScanNode;
  readonly keys: readonly KeyColumn[];
  readonly where: Expression | null;
  readonly inputs: readonly Input[];
  /** Rows are hidden until their created time; rows without one are never seen. */
  readonly createdVisibility: boolean;
  /** Rows of these keys, stamped before they were erased, are left out. Absent: none were. */
  readonly erased?: readonly ErasedKeys[];
}

export interface KeyColumn {
  readonly name: string;
  readonly type: DataType;
  /** The source column it is read from; null: of a view without entities, whose rows all have the key true. */
  readonly column: string | null;
}

/** What a view without entities has in place of join keys; its runs keep it as a column. */
export const ONE_KEY: KeyColumn = { name: '__key', type: 'bool', column: null };

/** A deduplicated expression over the source's columns: `x0`, `x1`, … */
export interface Input {
  readonly id: string;
  readonly expression: Expression;
}

/** The distinct (key, effective time) pairs that labels ask for, over all roles in which they read the view. */
export interface LabelInstantsNode {
  readonly kind: 'label_instants';
  readonly refresh: Refresh | null;
  readonly roles: readonly Role[];
  /** Nothing is asked at later ones: no window has passed there. Absent: all are asked. */
  readonly untilMicros?: bigint;
}

/** One way in which labels name the view's keys: label columns in the order of the view's join keys. */
export interface Role {
  readonly labelColumns: readonly string[];
}

/** One instant for every key that has rows: e(T) of a materialization, and p(T), until when rows were known. */
export interface BoundaryNode {
  readonly kind: 'boundary';
  readonly effectiveMicros: bigint;
  readonly knownMicros: bigint;
}

/** Query times at equal distances: `from`, `from + every`, … before `to`. */
export interface GridNode {
  readonly kind: 'grid';
  readonly refresh: Refresh | null;
  readonly fromMicros: bigint;
  /** Not included. */
  readonly toMicros: bigint;
  readonly everyMicros: bigint;
}

/** Row views: the last row in row order of each key among the rows visible at each instant. */
export interface LatestRowNode {
  readonly kind: 'latest_row';
  readonly view: string;
  readonly rows: RowsNode;
  readonly at: InstantsNode;
  /** `ts < e` where true, else `ts <= e`. */
  readonly strictlyBefore: boolean;
  /** Created times are compared with e(t) + this. */
  readonly delayMicros: bigint;
  readonly ttlMicros: bigint | null;
  /** An input: where it is true of the chosen row, the key has none. It is the last that rows are ordered by. */
  readonly deletedWhen?: string;
  readonly features: readonly PlannedRowFeature[];
}

export interface PlannedRowFeature {
  readonly name: string;
  readonly type: DataType;
  readonly input: string;
}

/** Aggregate and label views: every aggregate over its window before, or from, each instant. */
export interface WindowsNode {
  readonly kind: 'windows';
  readonly view: string;
  readonly rows: RowsNode;
  readonly at: InstantsNode;
  readonly delayMicros: bigint;
  readonly windows: readonly Window[];
  readonly features: readonly PlannedAggregate[];
}

export interface Window extends WindowSpan {
  readonly id: string;
}

export interface PlannedAggregate {
  readonly name: string;
  readonly type: DataType;
  readonly aggregate: Aggregate;
  /** null: rows are counted. */
  readonly input: string | null;
  readonly window: string;
  readonly n: number | null;
  readonly p: number | null;
  readonly gapMicros?: bigint;
  /** Absent: one value for all rows. */
  readonly by?: PlannedKeys;
}

/** One output row per label row, in label order: all label columns, then the service's features. */
export interface TrainingSetNode {
  readonly kind: 'training_set';
  readonly service: string;
  readonly labels: Labels;
  readonly parts: readonly ValuesNode[];
  readonly outputs: readonly TrainingSetOutput[];
  /** What becomes of a value that is INVALID: the training set fails, or the value is null, whatever its default. */
  readonly onInvalid: OnInvalid;
}

export type OnInvalid = 'fail' | 'null';

export interface Labels {
  readonly timestampColumn: string;
  /** Label columns that are join keys, with the type they are read as. */
  readonly keys: readonly { readonly column: string; readonly type: JoinKeyType }[];
}

export type TrainingSetOutput = Output | StoredOutput;

/** A feature whose values a former training set of the same labels holds. */
export interface StoredOutput {
  readonly name: string;
  readonly type: DataType;
  readonly part: null;
  /** What it is called there. */
  readonly column: string;
  readonly matureUntilMicros?: bigint;
}

export interface Output {
  readonly name: string;
  readonly type: DataType;
  /** Indexes into `parts` and into the roles of that part's instants. */
  readonly part: number;
  readonly role: number;
  readonly feature: string;
  readonly default: Value;
  /** The value of a key without rows: 0 for counts, an empty list for last_n, else null. */
  readonly empty: Value;
  /** Of a label: null at later instants, as its window had not passed when the build began. Absent: of no label. */
  readonly matureUntilMicros?: bigint;
}

/** The rows of one view at one boundary, keyed, as they go to Parquet and to the online store. */
export interface MaterializationNode {
  readonly kind: 'materialization';
  readonly view: string;
  readonly values: ValuesNode;
  /** null: all rows that the boundary needs are read. */
  readonly increment: IncrementNode | null;
  /** Whether keys that earlier runs wrote and that have no row any more are wanted. */
  readonly tombstones: boolean;
}

/** Of a row view: rows stamped, or created, from these instants on are read, and put beside what earlier runs wrote. */
export interface IncrementNode {
  readonly kind: 'increment';
  readonly eventMicros: bigint;
  /** null: there is no created time, or it hides nothing. */
  readonly createdMicros: bigint | null;
}

/** The keys that a view has at each instant of a grid, as labels: those that would not be NOT_FOUND then. */
export interface KeysNode {
  readonly kind: 'keys';
  readonly view: string;
  /** At a grid. */
  readonly values: ValuesNode;
  /** The column of the labels that holds the instant. */
  readonly timestampColumn: string;
}

export const isFallible = (rows: RowsNode, inputId: string | null): boolean =>
  rows.inputs.some((input) => input.id === inputId && input.expression.canFail) || rows.where?.canFail === true;

/** Whether a feature can come out INVALID: an input can fail, or the aggregate can overflow. */
export const canBeInvalid = (node: ValuesNode, featureName: string): boolean =>
  byKind(node, {
    latest_row: ({ rows, features, deletedWhen }) =>
      features.some(({ name, input }) => name === featureName && isFallible(rows, input)) ||
      (deletedWhen !== undefined && isFallible(rows, deletedWhen)),
    windows: ({ rows, features }) =>
      features.some(
        (feature) => feature.name === featureName && (isFallible(rows, feature.input) || canOverflow(feature)),
      ),
  });

/** Or of a map have more keys than it may. */
const canOverflow = ({ aggregate, type, by }: PlannedAggregate): boolean =>
  by?.top === null || AGGREGATE_RULES[aggregate].canOverflow(by?.valueType ?? type);

/** Freezes a plan deeply; Maps inside catalog objects are left as they are. */
export function frozen<T extends object>(node: T): T {
  for (const value of Object.values(node)) {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Map))
      frozen(value);
  }
  return Object.freeze(node);
}
