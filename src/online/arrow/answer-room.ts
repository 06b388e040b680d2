// How much of the longest answer is left. A column takes its part of it before it grows, so that what all columns of an answer
// hold together is bounded, at twice the limit: a buffer that grows is given up to twice the size that it asks for.
import { MOST_BYTES, tooLong } from '../answer-json.ts';

export class AnswerRoom {
  #used = 0;

  /** TOO_LARGE where the answer has no room for `bytes` more. */
  require(bytes: number): void {
    if (this.#used + bytes > MOST_BYTES) throw tooLong();
  }

  take(bytes: number): void {
    this.require(bytes);
    this.#used += bytes;
  }
}

/** The part of one buffer of a column. */
export class BufferRoom {
  readonly #room: AnswerRoom;
  #sizeBytes: number;

  constructor(room: AnswerRoom, sizeBytes: number) {
    room.take(sizeBytes);
    this.#room = room;
    this.#sizeBytes = sizeBytes;
  }

  /** TOO_LARGE where the answer has no room for so long a buffer. */
  growTo(sizeBytes: number): void {
    if (sizeBytes <= this.#sizeBytes) return;
    this.#room.take(sizeBytes - this.#sizeBytes);
    this.#sizeBytes = sizeBytes;
  }
}
