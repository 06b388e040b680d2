// The measurements of lookups as a table: the middle of all rounds, and what it is measured against.
import { type Bench, middle, thousands } from '../results.ts';
import type { ServingCase } from './cases.ts';
import type { LoadResult } from './load-result.ts';

export interface Measurement extends LoadResult {
  readonly case: string;
  readonly contender: 'plumb' | 'floor';
  readonly round: number;
  /** Processor time of the server's process for one request; null where there is no /proc. */
  readonly cpuMicros: number | null;
  /** Of an open load: how late its driver was, and the slowest answer. */
  readonly driverP99Millis?: number;
  readonly maxMillis?: number;
}

const HEAD = [
  ...['case', 'requests/s', 'p50', 'p99', 'CPU a lookup', 'bytes'],
  ...['against', 'requests/s', 'p50', 'p99', 'CPU a lookup', 'ratio', 'CPU ratio'],
];

export function servingTable(cases: readonly ServingCase[], raw: readonly Measurement[]): Bench['table'] {
  const rows = cases.map(({ name, against, load }) => {
    const own = middleOf(raw, name, 'plumb');
    const other = against === 'floor' ? middleOf(raw, name, 'floor') : middleOf(raw, against, 'plumb');
    const cpu = own.cpuMicros === null || other.cpuMicros === null ? '?' : ratio(own.cpuMicros, other.cpuMicros);
    // Under the same share of its own maximum: what counts is latency.
    const rate = load === 'half' ? '' : ratio(own.requestsPerSecond, other.requestsPerSecond);
    return [name, ...figures(own), thousands(own.bytesPerAnswer), against, ...figures(other), rate, cpu];
  });
  return [HEAD, ...rows];
}

const ratio = (one: number, other: number): string => (one / other).toFixed(2);

type Figures = Pick<Measurement, 'requestsPerSecond' | 'p50Millis' | 'p99Millis' | 'cpuMicros' | 'bytesPerAnswer'>;

function middleOf(raw: readonly Measurement[], name: string, contender: Measurement['contender']): Figures {
  const runs = raw.filter((one) => one.case === name && one.contender === contender);
  const cpus = runs.flatMap(({ cpuMicros }) => (cpuMicros === null ? [] : [cpuMicros]));
  return {
    requestsPerSecond: middle(runs.map((run) => run.requestsPerSecond)),
    p50Millis: middle(runs.map((run) => run.p50Millis)),
    p99Millis: middle(runs.map((run) => run.p99Millis)),
    cpuMicros: cpus.length === 0 ? null : middle(cpus),
    bytesPerAnswer: middle(runs.map((run) => run.bytesPerAnswer)),
  };
}

const figures = ({ requestsPerSecond, p50Millis, p99Millis, cpuMicros }: Figures): readonly string[] => [
  thousands(requestsPerSecond),
  millis(p50Millis),
  millis(p99Millis),
  micros(cpuMicros),
];

const millis = (value: number): string => `${value.toFixed(2)} ms`;
const micros = (value: number | null): string => (value === null ? '?' : `${thousands(value)} µs`);

export function resultText(measurement: Measurement): string {
  const { requestsPerSecond, p50Millis, p99Millis, cpuMicros, bytesPerAnswer, driverP99Millis } = measurement;
  const rate = `${thousands(requestsPerSecond)} requests/s, p50 ${millis(p50Millis)}, p99 ${millis(p99Millis)}`;
  const driver = driverP99Millis === undefined ? '' : `, of which the driver ${millis(driverP99Millis)}`;
  return `${rate}${driver}, ${micros(cpuMicros)} of processor time, ${bytesPerAnswer} bytes`;
}
