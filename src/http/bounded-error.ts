// The last bound on what any error repeats: an answer is never as long as the request that it refuses.
const MOST_MESSAGE_CHARACTERS = 10_000;
const MOST_TEXT_CHARACTERS = 1000;
const MOST_ENTRIES = 1000;

export const boundedMessage = (message: string): string => cut(message, MOST_MESSAGE_CHARACTERS);

export function boundedDetails(details: unknown): unknown {
  if (typeof details === 'string') return cut(details, MOST_TEXT_CHARACTERS);
  if (Array.isArray(details)) return details.slice(0, MOST_ENTRIES).map(boundedDetails);
  if (typeof details !== 'object' || details === null || 'toJSON' in details) return details;
  const entries = Object.entries(details).slice(0, MOST_ENTRIES);
  return Object.fromEntries(entries.map(([name, value]) => [cut(name, MOST_TEXT_CHARACTERS), boundedDetails(value)]));
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}…`);
