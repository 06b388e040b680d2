// Redis acknowledges a write before its replicas have it. Where that is not enough, the last word of a run waits for them:
// WAIT counts the replicas that have everything that the connection's last command saw.
import { PlumbError } from '../../../schemas/errors.ts';
import { type Commands, RespWriter } from './resp-writer.ts';

export interface ReplicaWait {
  /** Replicas that must have it. */
  readonly replicas: number;
  readonly timeoutMillis: number;
}

/** WAIT holds its connection up, so it ends before a command that waits behind it would be called late. */
export const replicaWait = (replicas: number, commandTimeoutMillis: number): ReplicaWait => ({
  replicas,
  timeoutMillis: Math.max(1, Math.floor(commandTimeoutMillis * 0.8)),
});

/** A new connection's WAIT would count from nothing: the PING makes it count from now. */
export const waiting = ({ replicas, timeoutMillis }: ReplicaWait): Commands =>
  new RespWriter(128)
    .command('PING', 0)
    .command('WAIT', 2)
    .argument(String(replicas))
    .argument(String(timeoutMillis))
    .finish();

/** `replies`: to `waiting`. STORE_UNAVAILABLE where too few replicas have it. */
export function requireReplicas(replies: readonly unknown[], { replicas, timeoutMillis }: ReplicaWait, where: string) {
  const reached = Number(replies.at(-1));
  if (reached >= replicas) return;
  const what = `${reached} of its replicas had what was written within ${timeoutMillis} ms, expected ${replicas}`;
  throw new PlumbError(
    'STORE_UNAVAILABLE',
    `Redis at ${where}: ${what}; see to its replicas, or set online.waitReplicas, and run it again`,
    { details: { store: where, replicas: reached }, publicMessage: `The online store: ${what}; run it again` },
  );
}
