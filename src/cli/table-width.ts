// Column widths for a table that must fit into a terminal: the widest columns give way first.

const GAP = 2;
const NARROWEST = 8;

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Characters in a line of the terminal, or null when the output is a pipe or a file, which gets whole values. */
export function terminalWidth(stream: Terminal = process.stdout, columns = process.env.COLUMNS): number | null {
  if (stream.isTTY !== true) return null;
  const stated = Number(columns);
  return Number.isSafeInteger(stated) && stated > 0 ? stated : (stream.columns ?? null);
}

/** The widths of the columns within `limit` characters; no column gets narrower than 8 characters for it. */
export function fittedWidths(natural: readonly number[], limit: number): readonly number[] {
  const room = limit - GAP * (natural.length - 1);
  let widest = Math.max(NARROWEST, ...natural);
  while (widest > NARROWEST && sum(natural, widest) > room) widest -= 1;
  return natural.map((width) => Math.min(width, widest));
}

const sum = (widths: readonly number[], widest: number): number =>
  widths.reduce((total, width) => total + Math.min(width, widest), 0);

/** The text in lines of at most `width` characters: at a space where there is one, else within the word. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...lines, rest].join('\n');
}
