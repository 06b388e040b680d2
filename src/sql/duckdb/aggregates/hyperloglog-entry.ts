// Where a value goes in a HyperLogLog sketch, in DuckDB's SQL: its entry is index * 64 + rank.
import { MOST_RANK, RANK_BITS } from '../../../aggregate/hyperloglog.ts';
import { canonicalBytes, float64Bits } from './canonical.ts';
import type { Typed } from './printer.ts';

/** The first 8 bytes of the MD5, as UBIGINT. */
const hashed = ({ x, type }: Typed): string => `CAST('0x' || md5(${canonicalBytes(x, type)})[1:16] AS UBIGINT)`;

const EXPONENT_BIAS = 1023;
const MANTISSA_BITS = 52;

/** The exponent of a float64 that is exact says how many zeros its bits begin with; the bits of 0 say more than there are. */
export function entryOf(input: Typed): string {
  const hash = hashed(input);
  const rest = float64Bits(`CAST(${hash} & ${2n ** BigInt(RANK_BITS) - 1n} AS DOUBLE)`);
  const rank = `least(${MOST_RANK}, ${RANK_BITS + EXPONENT_BIAS} - (${rest} >> ${MANTISSA_BITS}))`;
  return `CAST(CAST(${hash} >> ${RANK_BITS} AS BIGINT) * 64 + ${rank} AS INTEGER)`;
}
