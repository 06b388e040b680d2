// One variant in a process of its own: what a contender needs of the processor for one feature set, as JSON.
//   node bench/codec/measure-format.ts CONTENDER SET FEATURES ROWS SEED MILLIS
import { arrowColumn } from './arrow-columns.ts';
import { CONTENDERS } from './contenders.ts';
import { type FeatureSet, featureSet } from './feature-sets.ts';
import type { RowFormat } from './row-format.ts';

export interface FormatRun {
  readonly bytesPerRow: number;
  /** Rows per second of processor time. */
  readonly encode: number;
  readonly answerAll: number;
  readonly answerFive: number;
  readonly toArrow: number;
}

const ANSWER_ROWS = 100;
/** Between two looks at the processor's clock, which take microseconds. */
const BATCHES = 10;
const [contender = '', set = '', features = '', rowCount = '', seed = '', millis = ''] = process.argv.slice(2);
const { schema, columns }: FeatureSet = featureSet(set, Number(features), Number(rowCount), Number(seed));
const format = (CONTENDERS[contender] as (typeof CONTENDERS)[string])(schema);
const rows = Array.from({ length: Number(rowCount) }, (_value, index) => format.encode(columns, index));
process.stdout.write(JSON.stringify(measureFormat(format)));

function measureFormat({ encode, answer, values }: RowFormat): FormatRun {
  const all = schema.map((_feature, i) => i);
  const five = all.filter((i) => i % Math.ceil(all.length / 5) === 0);
  return {
    bytesPerRow: rows.reduce((sum, row) => sum + row.length, 0) / rows.length,
    encode: rowsPerSecond((from, to) => {
      for (let index = from; index < to; index += 1) encode(columns, index);
    }),
    answerAll: rowsPerSecond((from, to) => void answer(rows.slice(from, to), all)),
    answerFive: rowsPerSecond((from, to) => void answer(rows.slice(from, to), five)),
    toArrow: rowsPerSecond((from, to) => {
      const batch = rows.slice(from, to);
      for (const [i, { type }] of schema.entries()) arrowColumn(type, values(batch, i));
    }),
  };
}

/** In batches of an answer's size, for the given time, after a warm-up of half of it. */
function rowsPerSecond(work: (from: number, to: number) => void): number {
  repeat(work, Number(millis) / 2);
  const { done, micros } = repeat(work, Number(millis));
  return Math.round((1e6 * done) / micros);
}

function repeat(work: (from: number, to: number) => void, untilMillis: number): { done: number; micros: number } {
  const start = process.cpuUsage();
  let [done, micros, from] = [0, 0, 0];
  while (micros < untilMillis * 1000) {
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const to = Math.min(from + ANSWER_ROWS, rows.length);
      work(from, to);
      done += to - from;
      from = to === rows.length ? 0 : to;
    }
    const { user, system } = process.cpuUsage(start);
    micros = user + system;
  }
  return { done, micros };
}
