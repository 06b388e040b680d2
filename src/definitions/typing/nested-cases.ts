// `CASE x WHEN …` inside the operand of another: the parser copies x into every branch, so the tree it gives grows
// exponentially with that nesting. Counted on the text, before any parser sees it.

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\w+|\S/g;
const isComment = (token: string): boolean => token.startsWith('--') || token.startsWith('/*');

/** The most operands of CASE that lie inside one another. */
export function nestedCaseOperands(text: string): number {
  const tokens = (text.toLowerCase().match(TOKEN) ?? []).filter((token) => !isComment(token));
  const open: boolean[] = [];
  let most = 0;
  for (const [i, token] of tokens.entries()) {
    if (token === 'case') open.push(tokens[i + 1] !== 'when');
    if (token === 'when' && open.length > 0) open[open.length - 1] = false;
    if (token === 'end') open.pop();
    most = Math.max(most, open.filter(Boolean).length);
  }
  return most;
}
