// Redis acknowledges a write before its replicas have it. Where that is not enough, the last word of a run waits for them:
// WAIT counts the replicas that have everything that the connection's last command saw.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { isPassing, PATIENCE_MILLIS } from './patient-sender.ts';
import type { Send } from './redis-connection.ts';
import { type Commands, RespWriter } from './resp-writer.ts';

export interface ReplicaWait {
  /** Replicas that must have it. */
  readonly replicas: number;
  /** Of one WAIT; they are repeated for as long as a write goes on trying. */
  readonly timeoutMillis: number;
}

/** WAIT holds its connection up, so it ends long before a command that waits behind it, or itself, would be called late. */
export const replicaWait = (replicas: number, commandTimeoutMillis: number): ReplicaWait => ({
  replicas,
  timeoutMillis: Math.max(1, Math.floor(commandTimeoutMillis / 2)),
});

/** A new connection's WAIT would count from nothing: the PING makes it count from now. */
const waiting = (replicas: number, timeoutMillis: number): Commands =>
  new RespWriter(128)
    .command('PING', 0)
    .command('WAIT', 2)
    .argument(String(replicas))
    .argument(String(timeoutMillis))
    .finish();

/**
 * `send`: to one process only; another one's WAIT says nothing of what this one was told. STORE_UNAVAILABLE where too few
 * replicas have it after some seconds: one that was just started acknowledges nothing for a second. An answer that is late
 * meanwhile says nothing of the replicas, and is asked for again.
 */
export async function requireReplicas(send: Send, wait: ReplicaWait, where: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MILLIS;
  let failure: unknown = null;
  for (;;) {
    const leftMillis = Math.ceil(giveUpAt - performance.now());
    const timeoutMillis = Math.max(1, Math.min(wait.timeoutMillis, leftMillis));
    try {
      const reached = Number((await send(waiting(wait.replicas, timeoutMillis))).at(-1));
      if (reached >= wait.replicas) return;
      failure = tooFew(reached, wait, where);
    } catch (error) {
      if (!isPassing(error) || 'replaced' in (error as PlumbError).details) throw error;
      failure ??= error;
      await sleep(PAUSE_MILLIS);
    }
    if (performance.now() >= giveUpAt) throw failure;
  }
}

const PAUSE_MILLIS = 50;

function tooFew(reached: number, { replicas }: ReplicaWait, where: string): PlumbError {
  const what = `${reached} of its replicas had what was written within ${PATIENCE_MILLIS} ms, expected ${replicas}`;
  return new PlumbError(
    'STORE_UNAVAILABLE',
    `Redis at ${where}: ${what}; see to its replicas, or set online.waitReplicas, and run it again`,
    {
      details: { replicas: reached },
      privateDetails: { store: where },
      publicMessage: `The online store: ${what}; run it again`,
    },
  );
}
