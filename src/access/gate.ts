// Port: who may come in. A server asks it before it reads anything else of a request.
import type { KeyAccess } from '../../schemas/roles.ts';
import { ANYBODY, type Caller } from './caller.ts';

export interface Gate {
  readonly asksForKeys: boolean;
  /**
   * `authorization`: the header's value. UNAUTHENTICATED where it has no key that holds now, FORBIDDEN where the key may not,
   * STORAGE_UNAVAILABLE where keys cannot be told any more. Holds for this request alone: it is asked for each.
   */
  admit(authorization: string | undefined, access: KeyAccess): Caller;
  /** Rejects while nobody can come in. */
  ready(): Promise<void>;
}

/** Asks for no keys. */
export const OPEN_GATE: Gate = { asksForKeys: false, admit: () => ANYBODY, ready: async () => {} };
