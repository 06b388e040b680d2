// Training sets.
import type { DataType } from '../types.ts';
import type { Page } from './pages.ts';

export type TimestampUnit = 's' | 'ms' | 'us';

/** POST /v1/datasets as JSON. With an Arrow IPC stream as the body, all but `labels` are query parameters. */
export interface DatasetRequest {
  readonly service: string;
  /** Default: the service's name. */
  readonly name?: string | undefined;
  readonly labels:
    | { readonly columns: Readonly<Record<string, readonly unknown[]>> }
    /** A file under one of `server.labelRoots`. */
    | { readonly path: string }
    | KeysOfLabels;
  /** Default: event_timestamp. */
  readonly timestampColumn?: string | undefined;
  /** Where the timestamp column is a number. */
  readonly timestampUnit?: TimestampUnit | undefined;
  /** `name@version` of a training set of the same labels: features that mean the same there are not computed again. */
  readonly reuse?: string | undefined;
}

/** In place of labels: every key that a view has at an instant, or at each instant of a grid. */
export type KeysOfLabels =
  | { readonly keysOf: string; readonly at: string }
  /** `from`, `from + every`, … before `to`; `every` is a duration such as `1d`. */
  | { readonly keysOf: string; readonly from: string; readonly to: string; readonly every: string };

/** POST /v1/datasets/{name}/{version}/bind and /retire; `version` may be `latest`. */
export interface DatasetBinding {
  readonly name: string;
  readonly version: number;
  readonly bound: boolean;
  /** False: it was so before. */
  readonly changed: boolean;
  /** Of one that is bound, those that it reads; of one that was retired, those whose generations leave with it. */
  readonly views: readonly DatasetBindingView[];
}

export interface DatasetBindingView {
  readonly view: string;
  /**
   * `present`: by the present definition, which means the same; `held`: by a generation of a former one, which goes on being
   * run; `to_fill`: by none before the next run of the view; `leaving`: by none any more.
   */
  readonly served: 'present' | 'held' | 'to_fill' | 'leaving';
  readonly generation: string | null;
  readonly watermark: string | null;
}

/** GET /v1/datasets/{name}/{version}; `version` may be `latest`. The rows are in the parts, /parts/{n} from 0. */
export interface Dataset {
  readonly kind: 'dataset';
  readonly name: string;
  readonly version: number;
  /** When the build began: a label is mature where its window had passed by then. Absent in sets of older versions. */
  readonly startedAt?: string | undefined;
  readonly createdAt: string;
  readonly project: string;
  /** null: of a draft, made from definitions that were not registered. */
  readonly registryVersion: number | null;
  readonly service: string;
  /** The service's own version; absent in sets of older versions. */
  readonly serviceVersion?: number | undefined;
  /** Which columns are features, in order, and what they mean; absent in sets of older versions. */
  readonly features?: readonly DatasetFeature[] | undefined;
  readonly columns: readonly {
    readonly name: string;
    /** `label`: a column of the labels that passed through. */
    readonly type: DataType | 'label';
    /** The engine's type. */
    readonly physical: string;
  }[];
  readonly rows: number;
  /** Signs that the set holds its own target, in words; absent in sets of older versions. */
  readonly warnings?: readonly string[] | undefined;
  /** Of each label: rows in which it is null because its window had not passed yet; absent without labels. */
  readonly immature?: readonly ImmatureLabel[] | undefined;
  readonly labels: {
    readonly file: string;
    readonly sha256: string;
    readonly timestampColumn: string;
    readonly interval: { readonly from: string; readonly to: string } | null;
    /** Of labels that are the keys of a view: the view, and at which instants. */
    readonly keysOf?:
      | { readonly view: string; readonly at: string }
      | { readonly view: string; readonly from: string; readonly to: string; readonly every: string }
      | undefined;
  };
  /** Erasures that were under way, and whose rows the set was made without; absent: none were. */
  readonly withoutErased?: readonly string[] | undefined;
  /** Rows that erasures took out since: in all, and by those that were under way last. Absent: none. */
  readonly erased?:
    | {
        readonly rows: number;
        readonly by: readonly {
          readonly erasure: string;
          readonly parts: number;
          readonly rows: number;
          /** Of these parts, before. */
          readonly sizeBytes: number;
        }[];
      }
    | undefined;
  /** Of a set that was made with `reuse`: what it was taken from, and which features. */
  readonly reused?:
    | {
        readonly name: string;
        readonly version: number;
        readonly features: readonly string[];
        /** Features that are there, and were computed all the same. */
        readonly notReused?: readonly { readonly name: string; readonly why: string }[] | undefined;
      }
    | undefined;
  readonly sources: readonly {
    readonly name: string;
    readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly identity: string }[];
  }[];
  /** In row order. */
  readonly parts: readonly DatasetPart[];
}

export interface ImmatureLabel {
  /** Of the column. */
  readonly name: string;
  readonly rows: number;
}

export interface DatasetFeature {
  /** Of the column. */
  readonly name: string;
  /** `view:feature`. */
  readonly feature: string;
  /** The columns that each join key of the view was read from. */
  readonly readAs: readonly string[];
  /** Equal for features whose values come about in the same way. */
  readonly meaning: string;
  /** Of a row view: equal where it tells rows of one instant apart in the same way. */
  readonly rowOrder?: string | undefined;
  /** It is what a model is to learn, and is not served. Absent: a feature, which lookups have too. */
  readonly label?: true | undefined;
}

export interface DatasetPart {
  readonly path: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface DamagedDataset {
  readonly name: string;
  readonly version: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface DatasetPage extends Page {
  /** The newest version of each, by name. */
  readonly datasets: readonly Dataset[];
  /** Those whose newest version cannot be read; absent where there are none. */
  readonly damaged?: readonly DamagedDataset[] | undefined;
}
