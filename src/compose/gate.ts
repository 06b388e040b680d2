// Who may come in, as the project file says.
import { type Gate, OPEN_GATE } from '../access/gate.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../config/logger.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export async function openGate(
  { server }: Config,
  store: ObjectStore,
  logger: Logger,
): Promise<Gate & AsyncDisposable> {
  if (server.auth === 'none') return { ...OPEN_GATE, [Symbol.asyncDispose]: async () => {} };
  const { KeyRing } = await import('../access/key-ring.ts');
  const ring = new KeyRing({ store, staleMillis: server.staleKeysMillis, logger });
  // So that a server which says that it listens lets somebody in; one whose storage is away goes on without.
  await ring.ready().catch(() => undefined);
  return ring;
}
