// Work that must be alone with something: all its leases, or none, as long as it takes to get them.
import { PlumbError } from '../../schemas/errors.ts';
import { pause } from '../cancelled.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import type { Erasing } from './erasing.ts';

const LOOK_MILLIS = 250;

interface Wanted {
  /** In the order in which they are taken. */
  readonly names: readonly string[];
  readonly purpose: string;
}

/** While another process has one of them, none is held. */
export async function underLeases<T>(
  erasing: Erasing,
  wanted: Wanted,
  work: (held: Erasing) => Promise<T>,
): Promise<T> {
  for (;;) {
    await using stack = new AsyncDisposableStack();
    const leases = await taken(erasing, wanted, stack);
    if (leases !== null) return await whileHeld(leases, erasing.signal, (held) => work({ ...erasing, ...held }));
    await stack.disposeAsync();
    await pause(LOOK_MILLIS, erasing.signal);
  }
}

/** null: somebody else has one, who is told. */
async function taken({ leases, signal, onProgress }: Erasing, { names, purpose }: Wanted, stack: AsyncDisposableStack) {
  const held = [];
  for (const name of names) {
    try {
      held.push(stack.use(await leases.acquire(name, { purpose, signal })));
    } catch (error) {
      if (!(error instanceof PlumbError) || error.code !== 'CONFLICT') throw error;
      onProgress({ doing: `waiting: ${error.message}`, done: 0, total: null });
      return null;
    }
  }
  return held;
}
