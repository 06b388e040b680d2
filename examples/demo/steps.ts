// What the demo prints.

/** Prints what is done, how long it took, and the text that came of it, if any. */
export async function step<T>(command: string, title: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  console.log(`${command}: ${title}`);
  const result = await run();
  console.log(`   ${secondsSince(start)} s${typeof result === 'string' ? `: ${result}` : ''}`);
  return result;
}

export function line(name: string, cells: readonly string[], width: number): void {
  console.log(`   ${name.padEnd(32)}${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd());
}

export const digits = (count: number): string => count.toLocaleString('en');
export const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(1);
