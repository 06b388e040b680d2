// The `run` of a schedule → words for the parser of commands. No shell: quotes hold words together, and nothing else means
// anything, so `$`, `;`, `|`, `>` and `*` are characters like others.

/** null where a quote is not closed. */
export function commandWords(run: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const character of run) {
    if (quote !== null && character === quote) quote = null;
    else if (quote === null && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === null && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = `${word ?? ''}${character}`;
  }
  if (word !== null) words.push(word);
  return quote === null ? words : null;
}
