// Who answers: which process, in which life of its data. What a server was told before one of the two changed may be gone.
import { type Commands, RespWriter } from './resp-writer.ts';

export interface ServerIdentity {
  /**
   * Changes when the process does (`run_id`) and when a replica becomes the master (`master_replid`): both may have lost
   * the last of what was acknowledged.
   */
  readonly incarnation: string;
  /** null where the server does not say. */
  readonly role: 'master' | 'slave' | null;
  /** It never was a replica, as far as it knows. */
  readonly wasAlwaysMaster: boolean;
  readonly uptimeMillis: number;
  /** That follow it now. A Cluster's map shows a replica only once gossip has told how far it is. */
  readonly replicaCount: number;
}

/** The part of an incarnation that names the process; the rest changes too when a server gets its first replica. */
export const processOf = (incarnation: string): string => incarnation.split(' ', 1)[0] as string;

/** INFO takes several sections from Redis 7 on only. */
export const askIdentity = (): Commands =>
  new RespWriter(128).command('INFO', 1).argument('server').command('INFO', 1).argument('replication').finish();

/** `replies`: to `askIdentity`. null where INFO is not allowed. */
export function identityOf(replies: readonly unknown[]): ServerIdentity | null {
  const text = replies.filter(Buffer.isBuffer).join('\r\n');
  const fieldOf = (name: string): string | undefined => new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(text)?.[1];
  const runId = fieldOf('run_id');
  if (runId === undefined) return null;
  const role = fieldOf('role');
  return {
    incarnation: `${runId} ${fieldOf('master_replid') ?? ''}`,
    role: role === 'master' || role === 'slave' ? role : null,
    wasAlwaysMaster: role === 'master' && /^0*$/.test(fieldOf('master_replid2') ?? ''),
    uptimeMillis: Number(fieldOf('uptime_in_seconds') ?? 0) * 1000,
    replicaCount: text.match(/^slave\d+:[^\r\n]*\bstate=online\b/gm)?.length ?? 0,
  };
}
