// A text that is redrawn in place: one write per frame, each line written over the former one, so that nothing flickers.
import type { Terminal } from './io.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Long lines are cut by the terminal, which knows the width of each character: a wrapped one would be two lines. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const CLEAR_TO_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');

export class Screen implements Disposable {
  readonly #terminal: Terminal;
  /** Of the last frame; its last line holds the cursor. */
  #height = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(text: string): void {
    const lines = fit(text.trimEnd().split('\n'), this.#terminal.rows);
    const start = this.#height === 0 ? HIDE_CURSOR : `${up(this.#height - 1)}\r`;
    const frame = lines.map((line) => `${line}${CLEAR_TO_LINE_END}`).join('\n');
    this.#terminal.write(`${start}${NO_WRAP}${frame}${CLEAR_BELOW}${WRAP}`);
    this.#height = lines.length;
  }

  [Symbol.dispose](): void {
    if (this.#height > 0) this.#terminal.write(`\n${SHOW_CURSOR}`);
    this.#height = 0;
  }
}

const USUAL_ROWS = 24;

/** What does not fit would scroll away, and the next frame could not be drawn over it. */
function fit(lines: readonly string[], knownRows: number): readonly string[] {
  const rows = knownRows > 0 ? knownRows : USUAL_ROWS;
  if (lines.length < rows) return lines;
  const shown = Math.max(1, rows - 2);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more lines; make the window higher or use --json`];
}
