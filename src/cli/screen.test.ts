import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Screen } from './screen.ts';

/** As much of a terminal as the screen makes use of: what is seen, and whether the cursor is. */
function terminal(rows: number) {
  const writes: string[] = [];
  const lines: string[] = [''];
  let [row, column, cursor] = [0, 0, true];
  const commands: Readonly<Record<string, (count: number) => void>> = {
    A: (count) => {
      row -= count;
      assert.ok(row >= 0, 'above the first line');
    },
    K: () => {
      lines[row] = (lines[row] ?? '').slice(0, column);
    },
    J: () => void lines.splice(row + 1),
  };
  const write = (text: string): void => {
    writes.push(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal reads.
    for (const [token, mode, count, command] of text.matchAll(/\u001b\[(\?\d+)?(\d*)([A-Za-z])|[^\u001b]/gsu)) {
      if (mode !== undefined) cursor = token === '\u001b[?25l' ? false : token === '\u001b[?25h' ? true : cursor;
      else if (command !== undefined) commands[command]?.(Number(count));
      else if (token === '\r') column = 0;
      else if (token === '\n') {
        [row, column] = [row + 1, 0];
        lines[row] ??= '';
      } else {
        const line = lines[row] ?? '';
        lines[row] = line.slice(0, column) + token + line.slice(column + 1);
        column += 1;
      }
    }
  };
  return { rows, write, writes, seen: () => lines.join('\n'), hasCursor: () => cursor };
}

test('a frame takes the place of the former one, whether shorter or longer, in one write', () => {
  const shown = terminal(24);
  const screen = new Screen(shown);
  const frames = ['one\ntwo\nthree', 'a longer line\ntwo', 'x', 'one\ntwo\nthree\nfour'];
  for (const [i, frame] of frames.entries()) {
    screen.draw(`${frame}\n`);
    assert.equal(shown.seen(), frame);
    assert.equal(shown.writes.length, i + 1);
    assert.equal(shown.hasCursor(), false);
  }
  screen[Symbol.dispose]();
  assert.equal(shown.seen(), `${frames.at(-1)}\n`);
  assert.equal(shown.hasCursor(), true);
});

test('what is higher than the window is cut, and says so', () => {
  const shown = terminal(5);
  const screen = new Screen(shown);
  const text = Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n');
  for (let i = 0; i < 2; i += 1) {
    screen.draw(text);
    assert.equal(shown.seen(), 'line 0\nline 1\nline 2\n… 6 more lines; make the window higher or use --json');
  }
});

test('a window that does not know its height has 24 lines', () => {
  const shown = terminal(0);
  new Screen(shown).draw('line\n'.repeat(23));
  assert.equal(shown.seen(), 'line\n'.repeat(23).trimEnd());
  const smaller = terminal(0);
  new Screen(smaller).draw('line\n'.repeat(24));
  assert.match(smaller.seen(), /^(line\n){22}… 2 more lines/);
});

test('a screen that drew nothing leaves nothing behind', () => {
  const shown = terminal(5);
  new Screen(shown)[Symbol.dispose]();
  assert.deepEqual(shown.writes, []);
});
