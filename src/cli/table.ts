// Tables for people: no colours, no borders, so that they can be piped into other tools.
import Table from 'cli-table3';

const PARTS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
] as const;
const NO_BORDERS = { ...Object.fromEntries(PARTS.map((part) => [part, ''])), middle: '  ' };

export type Cell = string | number | null;

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const made = new Table({ head: [...head], chars: NO_BORDERS, style });
  made.push(...rows.map((row) => row.map((cell) => cell ?? '-')));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `name  value` lines. */
export const facts = (entries: readonly (readonly [string, Cell])[]): string => table([], entries);

export const section = (title: string, body: string): string => `${title}\n${body.replaceAll(/^/gm, '  ')}\n`;
