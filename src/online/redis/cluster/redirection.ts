// What a server of a Cluster answers when a command is not for it, or not now.
//
//   MOVED 93 host:port     the slot is there, for good                      sent there at once, and the map is read anew
//   ASK 93 host:port       this key may be there: the slot is on its way    sent there at once, after ASKING
//   TRYAGAIN …             the keys of one command are on both sides        a little later
//   CLUSTERDOWN, LOADING, MASTERDOWN, READONLY, NOREPLICAS                  a little later, and the map is read anew
import { ReplyError } from 'ioredis';

export type Redirection =
  | { readonly kind: 'moved' | 'ask'; readonly slot: number; readonly place: string }
  | { readonly kind: 'try_again' | 'not_now' };

const REDIRECTED = /^(MOVED|ASK) (\d+) (\S+)/;
const NOT_NOW = /^(CLUSTERDOWN|LOADING|MASTERDOWN|READONLY|NOREPLICAS|BUSY)\b/;

/** null: an answer as any other. */
export function redirectionOf(answer: unknown): Redirection | null {
  if (!(answer instanceof Error && answer instanceof ReplyError)) return null;
  const [, word, slot, place] = REDIRECTED.exec(answer.message) ?? [];
  if (place !== undefined) return { kind: word === 'MOVED' ? 'moved' : 'ask', slot: Number(slot), place };
  if (answer.message.startsWith('TRYAGAIN')) return { kind: 'try_again' };
  return NOT_NOW.test(answer.message) ? { kind: 'not_now' } : null;
}
