// How much of the longest answer is left. A column that grows asks before it does, so that nothing is held beyond the limit.
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
