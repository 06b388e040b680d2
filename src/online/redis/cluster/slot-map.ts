// Which master has which slots, as one server of the Cluster tells it.
import { SLOTS } from './key-slot.ts';

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: ClusterServer;
  /** That may be promoted. */
  readonly replicaCount: number;
}

export interface ClusterServer {
  /** Stays with the server over restarts. */
  readonly id: string;
  /** null: the host that was asked. */
  readonly host: string | null;
  readonly port: number;
}

type Entry = readonly [number, number, ...(readonly [Buffer | null, number, Buffer, ...unknown[]])[]];

/** `reply`: to CLUSTER SLOTS. null where it is none, or names no slot: the server knows no Cluster yet. */
export function parseSlots(reply: unknown): readonly SlotRange[] | null {
  if (!Array.isArray(reply) || reply.length === 0) return null;
  return (reply as Entry[]).map(([first, last, master, ...replicas]) => ({
    first,
    last,
    master: serverOf(master as Entry[2]),
    replicaCount: replicas.length,
  }));
}

function serverOf([host, port, id]: Entry[2]): ClusterServer {
  const text = host === null ? '' : String(host);
  return { id: String(id), host: text === '' || text === '?' ? null : text, port };
}

/** Equal for equal maps, in whatever order their ranges come. */
export const fingerprintOf = (ranges: readonly SlotRange[]): string =>
  ranges
    .map(({ first, last, master }) => `${first}-${last} ${master.id}`)
    .toSorted()
    .join('\n');

export const isComplete = (ranges: readonly SlotRange[]): boolean =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0) === SLOTS;
