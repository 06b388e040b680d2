// How long a step of an answer may be, before others have their turn.
import { BYTES_PER_STEP, VALUES_PER_STEP } from '../answer-json.ts';

export class Pace {
  #values = 0;
  #bytes = 0;

  read(values: number, bytes: number): void {
    this.#values += values;
    this.#bytes += bytes;
  }

  /** Whether the step is at its end; the next one then begins. */
  isOver(): boolean {
    if (this.#values < VALUES_PER_STEP && this.#bytes < BYTES_PER_STEP) return false;
    this.#values = 0;
    this.#bytes = 0;
    return true;
  }
}
