// What `lookupColumns` gives: the same from Arrow and from the JSON of an older server.
import type { Status } from '../../../../schemas/types.ts';
import type { LookupAnswer } from '../lookup.ts';
import type { FeatureValue } from '../values.ts';

/** What an answer says beside its values. */
export type AnswerHead = Pick<
  LookupAnswer,
  'service' | 'version' | 'serviceVersion' | 'features' | 'asOf' | 'changed' | 'at'
> & {
  readonly numRows: number;
};

/** Columns by their place in `features`; one item per entity. */
export interface ColumnReader {
  /** TypeError for another type. */
  numbers(column: number): Float64Array<ArrayBuffer>;
  values(column: number): FeatureValue[];
  /** undefined where they were not asked for. */
  statuses(column: number): Status[] | undefined;
  eventTimes(column: number): (string | null)[] | undefined;
}

export class LookupColumns {
  /** null where the request named features. */
  readonly service: string | null;
  /** The registry version that answered. */
  readonly version: number;
  /** Of the service, where the request named a version of it or a dataset. */
  readonly serviceVersion: number | undefined;
  /** Output names, `<view>__<feature>` unless the service renames them. */
  readonly features: readonly string[];
  /** Entities of the request: the length of every column. */
  readonly numRows: number;
  /** View to the instant until when it was materialized. */
  readonly asOf: Readonly<Record<string, string>> | undefined;
  /** With `asOf`: views that still serve their former definition, until their next run. */
  readonly changed: readonly string[];
  /** The instant that was answered for, RFC 3339. */
  readonly at: string;
  readonly #columns: ColumnReader;

  /** @internal */
  constructor(head: AnswerHead, columns: ColumnReader) {
    const { service, version, serviceVersion, features, numRows, asOf, changed, at } = head;
    this.service = service;
    this.version = version;
    this.serviceVersion = serviceVersion;
    this.features = features;
    this.numRows = numRows;
    this.asOf = asOf;
    this.changed = changed;
    this.at = at;
    this.#columns = columns;
  }

  /**
   * A feature of numbers or flags as doubles, one per entity: what a model takes. null is NaN, true is 1; an int64 beyond
   * ±(2^53 - 1) loses digits.
   *
   * @throws TypeError for a feature that the answer lacks, or of another type
   */
  numbers(feature: string): Float64Array<ArrayBuffer> {
    return this.#columns.numbers(this.#placeOf(feature));
  }

  /** A feature in the forms of `lookup()`. TypeError for a feature that the answer lacks. */
  values(feature: string): FeatureValue[] {
    return this.#columns.values(this.#placeOf(feature));
  }

  /** One per entity, where they were asked for. TypeError for a feature that the answer lacks. */
  statuses(feature: string): Status[] | undefined {
    return this.#columns.statuses(this.#placeOf(feature));
  }

  /** The instants of the newest rows behind the values, where they were asked for. TypeError as above. */
  eventTimes(feature: string): (string | null)[] | undefined {
    return this.#columns.eventTimes(this.#placeOf(feature));
  }

  #placeOf(feature: string): number {
    const place = this.features.indexOf(feature);
    if (place >= 0) return place;
    throw new TypeError(`found the feature ${JSON.stringify(feature)}, expected one of ${this.features.join(', ')}`);
  }
}

export const notNumbers = (feature: string, found: unknown): TypeError =>
  new TypeError(`${feature}: found ${found}, expected a feature of numbers or flags`);
