// Typed arrays that grow while they are filled. What was not written is zero: an answer never shows old memory.
import type { BufferRoom } from './answer-room.ts';

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** `array` itself, or its contents in a longer one where it has less than `length` elements. */
export function grown<A extends Numbers>(array: A, length: number, room: BufferRoom): A {
  if (length <= array.length) return array;
  room.growTo(length * array.BYTES_PER_ELEMENT);
  const make = array.constructor as new (length: number) => A;
  const longer = new make(Math.max(16, length, 2 * array.length));
  longer.set(array as never);
  return longer;
}
