// How a watched lookup is shown: in place on a terminal, as appended blocks on a pipe, as JSON lines to a program.
import type { PlumbError } from '../../../schemas/errors.ts';
import { jsonLine } from '../../json-text.ts';
import type { JsonObject } from '../../lossless-json.ts';
import type { Io } from '../io.ts';
import { Screen } from '../screen.ts';
import type { Answer } from './answer.ts';
import { answerText, changesText } from './answer-text.ts';
import { type Change, changesBetween, hasSameFeatures } from './changes.ts';

export interface WatchView extends Disposable {
  show(answer: Answer): void;
  /** Of a lookup that is tried again. */
  fail(error: PlumbError): void;
}

export function watchView(io: Io, json: boolean, entities: readonly JsonObject[]): WatchView {
  if (json) return new JsonLines(io);
  return io.screen === null ? new Blocks(io, entities) : new LiveTable(new Screen(io.screen), entities);
}

/** The last answer, and what has changed since the one before it. */
class Follower {
  #last: Answer | null = null;

  /** null: nothing to compare with, so everything is new. */
  next(answer: Answer): readonly Change[] | null {
    const before = this.#last;
    this.#last = answer;
    return before === null || !hasSameFeatures(before, answer) ? null : changesBetween(before, answer);
  }
}

class LiveTable implements WatchView {
  readonly #screen: Screen;
  readonly #entities: readonly JsonObject[];
  readonly #follower = new Follower();
  /** The last change of each value, by its position. */
  #changes = new Map<string, Change>();
  #text = '';

  constructor(screen: Screen, entities: readonly JsonObject[]) {
    this.#screen = screen;
    this.#entities = entities;
  }

  show(answer: Answer): void {
    const changes = this.#follower.next(answer);
    if (changes === null) this.#changes.clear();
    for (const change of changes ?? []) this.#changes.set(`${change.entity} ${change.feature}`, change);
    this.#text = answerText(this.#entities, answer, [...this.#changes.values()]);
    this.#screen.draw(this.#text);
  }

  fail({ message }: PlumbError): void {
    this.#screen.draw(`${this.#text}\nerror: ${message}; trying again\n`.trimStart());
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }
}

class Blocks implements WatchView {
  readonly #io: Io;
  readonly #entities: readonly JsonObject[];
  readonly #follower = new Follower();
  #failing: string | null = null;
  #isFirst = true;

  constructor(io: Io, entities: readonly JsonObject[]) {
    this.#io = io;
    this.#entities = entities;
  }

  show(answer: Answer): void {
    if (this.#failing !== null) this.#io.err('answers again\n');
    this.#failing = null;
    const changes = this.#follower.next(answer);
    if (changes?.length === 0) return;
    const text = changes === null ? answerText(this.#entities, answer) : changesText(this.#entities, answer, changes);
    this.#io.out(`${this.#isFirst ? '' : '\n'}${text}\n`);
    this.#isFirst = false;
  }

  fail({ message }: PlumbError): void {
    if (message !== this.#failing) this.#io.err(`error: ${message}; trying again\n`);
    this.#failing = message;
  }

  [Symbol.dispose](): void {}
}

class JsonLines implements WatchView {
  readonly #io: Io;
  readonly #follower = new Follower();
  #failing: string | null = null;

  constructor(io: Io) {
    this.#io = io;
  }

  /** After a failure too where nothing has changed, so that a program sees that it is over. */
  show(answer: Answer): void {
    const changes = this.#follower.next(answer);
    if (changes?.length === 0 && this.#failing === null) return;
    this.#failing = null;
    this.#io.out(`${jsonLine(answer)}\n`);
  }

  fail({ code, message, details }: PlumbError): void {
    if (message !== this.#failing) this.#io.out(`${jsonLine({ error: { code, message, details } })}\n`);
    this.#failing = message;
  }

  [Symbol.dispose](): void {}
}
