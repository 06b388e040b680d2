// approx_count_distinct: HyperLogLog of precision 14 (Flajolet, Fusy, Gandouet and Meunier 2007) with the estimator of Ertl,
// "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which needs no correction and no threshold.
// Standard error 1.04 / sqrt(2^14) = 0.81 %.
//
//   hash    first 8 bytes of the MD5 of the canonical bytes (canonical-bytes.ts), big-endian
//   index   its upper 14 bits                  rank   1 + the zeros that the other 50 bits begin with; 51 where all are zero
//   state   per index the greatest rank; 0 where none was seen
//   bytes   uvarint n, the indexes with a rank; for n <= 4,096 each in order: uvarint ((index - the one before - 1) * 64 + rank);
//           for more of them: 16,384 ranks of six bits, the first in the lowest bits of the first byte
import { hash } from 'node:crypto';
import type { Value } from '../../schemas/types.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { int64, rule } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, keepAll, listOf, tiled } from './algebra.ts';
import { canonicalBytes } from './canonical-bytes.ts';

const PRECISION = 14;
export const REGISTERS = 2 ** PRECISION;
export const RANK_BITS = 50;
export const MOST_RANK = RANK_BITS + 1;
const MOST_SPARSE = 4096;
const DENSE_BYTES = (REGISTERS * 6) / 8;

/** Ranks by index. Few of them in a map, more as one byte each. */
export interface HyperLogLog {
  sparse: Map<number, number>;
  dense: Uint8Array | null;
}

const create = (): HyperLogLog => ({ sparse: new Map(), dense: null });

function raise(state: HyperLogLog, index: number, rank: number): void {
  const { sparse, dense } = state;
  if (dense !== null) {
    if (rank > (dense[index] as number)) dense[index] = rank;
    return;
  }
  if (rank > (sparse.get(index) ?? 0)) sparse.set(index, rank);
  if (sparse.size <= MOST_SPARSE) return;
  state.dense = new Uint8Array(REGISTERS);
  for (const [at, known] of sparse) state.dense[at] = known;
  sparse.clear();
}

function* ranks({ sparse, dense }: HyperLogLog): Generator<readonly [index: number, rank: number]> {
  if (dense === null) yield* sparse;
  else for (const [index, rank] of dense.entries()) if (rank > 0) yield [index, rank];
}

/** Index and rank of a hash. */
export function place(hashed: Buffer): readonly [index: number, rank: number] {
  const upper = hashed.readUInt32BE(0);
  const low = hashed.readUInt32BE(4);
  // 18 of the 50 bits lie in the upper word.
  const high = upper & 0x3ffff;
  if (high !== 0) return [upper >>> 18, Math.clz32(high) - 13];
  return [upper >>> 18, low === 0 ? MOST_RANK : 19 + Math.clz32(low)];
}

function write(state: HyperLogLog, out: ByteWriter): void {
  const known = [...ranks(state)].sort(([a], [b]) => a - b);
  out.uvarint(known.length);
  if (known.length > MOST_SPARSE) {
    out.copy(packed(known));
    return;
  }
  let next = 0;
  for (const [index, rank] of known) {
    out.uvarint((index - next) * 64 + rank);
    next = index + 1;
  }
}

/** Four ranks of six bits in three bytes. */
function packed(known: readonly (readonly [index: number, rank: number])[]): Uint8Array {
  const bytes = new Uint8Array(DENSE_BYTES + 1);
  for (const [index, rank] of known) {
    const bit = index * 6;
    const shifted = rank << (bit % 8);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | shifted;
    bytes[(bit >> 3) + 1] = (bytes[(bit >> 3) + 1] as number) | (shifted >> 8);
  }
  return bytes.subarray(0, DENSE_BYTES);
}

function read(state: HyperLogLog, bytes: ByteReader): void {
  const known = bytes.uvarint();
  if (known > MOST_SPARSE) {
    const dense = bytes.slice(DENSE_BYTES);
    for (let index = 0; index < REGISTERS; index += 1) {
      const bit = index * 6;
      const pair = (dense[bit >> 3] as number) | ((dense[(bit >> 3) + 1] ?? 0) << 8);
      raiseRead(state, bytes, index, (pair >> (bit % 8)) & 63);
    }
    return;
  }
  let next = 0;
  for (let left = known; left > 0; left -= 1) {
    const entry = bytes.uvarint();
    const index = next + Math.floor(entry / 64);
    if (entry % 64 === 0) throw bytes.refusal('a rank of 0');
    raiseRead(state, bytes, index, entry % 64);
    next = index + 1;
  }
}

function raiseRead(state: HyperLogLog, bytes: ByteReader, index: number, rank: number): void {
  if (index >= REGISTERS || rank > MOST_RANK) throw bytes.refusal(`rank ${rank} of index ${index}`);
  if (rank > 0) raise(state, index, rank);
}

/** 2^14 squared / (2 ln 2). */
export const SCALE = 0.7213475204444817 * REGISTERS * REGISTERS;
export const SIGMA_STEPS = 20;

/** x + sum of x^(2^k) 2^(k-1) for k = 1 … 20; what follows is below the last bit. Only `*` and `+`: the same in every engine. */
function sigma(share: number): number {
  let [power, weight, total] = [share, 1, share];
  for (let step = 0; step < SIGMA_STEPS; step += 1) {
    power *= power;
    total += power * weight;
    weight += weight;
  }
  return total;
}

/** The sum of 2^-rank is made of two exact parts, so that it is rounded once. */
function estimate(state: HyperLogLog): bigint {
  let scaled = 0n;
  let known = 0;
  for (const [, rank] of ranks(state)) {
    known += 1;
    scaled += 1n << BigInt(MOST_RANK - rank);
  }
  if (known === 0) return 0n;
  const upper = Number(scaled >> 40n) * 2 ** -11;
  const lower = Number(scaled & 0xff_ffff_ffffn) * 2 ** -51;
  const z = REGISTERS * sigma((REGISTERS - known) / REGISTERS) + (upper + lower);
  return BigInt(Math.floor(SCALE / z + 0.5));
}

function distinctValues({ type }: AlgebraInput): Algebra<HyperLogLog> {
  const bytesOf = canonicalBytes(type);
  const family: Family<HyperLogLog> = {
    kind: 'hyperloglog',
    scope: 'tile',
    trim: keepAll,
    create,
    isEmpty: ({ sparse, dense }) => dense === null && sparse.size === 0,
    add: (state, value: Value) => {
      const [index, rank] = place(hash('md5', bytesOf(value), 'buffer'));
      raise(state, index, rank);
    },
    merge: (state, other) => {
      for (const [index, rank] of ranks(other)) raise(state, index, rank);
    },
    write,
    read,
    load: (state, [entries]) => {
      for (const entry of listOf(entries)) raise(state, Number(entry) >> 6, Number(entry) & 63);
    },
  };
  return tiled(family, estimate);
}

export const approxCountDistinct = rule('any', int64, { empty: 0n, algebra: distinctValues });
