// Tables for people: no colours, no borders, so that they can be piped into other tools.
import Table from 'cli-table3';
import { count } from '../counted.ts';
import { fittedWidths, terminalWidth, wrapped } from './table-width.ts';

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

/** A measured value with its unit, such as `1.5 s`: lines up at its right end, as numbers do. */
export interface Quantity {
  readonly text: string;
}
export const quantity = (text: string): Quantity => ({ text });

export type Cell = string | number | Quantity | null;

/** In a terminal, long cells go on in further lines; nothing is cut, so that names can be copied. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  limit: number | null = terminalWidth(),
): string {
  const width = Math.max(head.length, ...rows.map((row) => row.length));
  const aligns = Array.from({ length: width }, (_, column) => alignOf(rows.map((row) => row[column] ?? null)));
  return limit === null ? aligned(head, rows, aligns) : alignedWithin(head, rows, { aligns, limit });
}

interface Layout {
  readonly aligns: readonly Align[];
  readonly limit: number;
}

function alignedWithin(head: readonly string[], rows: readonly (readonly Cell[])[], { aligns, limit }: Layout): string {
  const texts = [head, ...rows.map((row) => row.map(cellText))];
  const natural = aligns.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const widths = fittedWidths(natural, limit - INDENT);
  return aligned(
    wrappedRow(head, widths),
    rows.map((row) => wrappedRow(row.map(cellText), widths)),
    aligns,
  );
}

// Tables stand in sections, which indent them.
const INDENT = 2;

const wrappedRow = (cells: readonly string[], widths: readonly number[]): readonly string[] =>
  cells.map((cell, column) => wrapped(cell, widths[column] ?? cell.length));

/** `name  value` lines. */
export function facts(entries: readonly (readonly [string, Cell])[], limit: number | null = terminalWidth()): string {
  const aligns: readonly Align[] = ['left', 'left'];
  return limit === null ? aligned([], entries, aligns) : alignedWithin([], entries, { aligns, limit });
}

type Align = 'left' | 'right';

function alignOf(cells: readonly Cell[]): Align {
  const filled = cells.filter((cell) => cell !== null);
  return filled.length > 0 && filled.every((cell) => typeof cell !== 'string') ? 'right' : 'left';
}

function aligned(head: readonly string[], rows: readonly (readonly Cell[])[], aligns: readonly Align[]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const made = new Table({ head: [...head], chars: NO_BORDERS, style, colAligns: [...aligns] });
  made.push(...rows.map((row) => row.map(cellText)));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null) return '-';
  // Fractions keep their digits: grouping would round them.
  if (typeof cell === 'number') return Number.isInteger(cell) ? count(cell) : String(cell);
  return typeof cell === 'string' ? cell : cell.text;
}

export const section = (title: string, body: string): string => `${title}\n${body.replaceAll(/^/gm, '  ')}\n`;
