// Whether a Cluster still has every row of a run. Rows lie on many servers and the state on one, so a state may outlive
// rows that it names: where a master restarted, or a replica took its place, what was acknowledged last may be gone.
//
//   claim      the witness notes who the masters are: server, process, life of its data      (before the first row)
//   rows       …
//   go live    each master is the one that was noted, or one that was there all along, never was a replica, and got its
//              slots by a migration; and enough of its replicas have what it has
import { askedPatiently, mayHaveLost } from '../patient-sender.ts';
import type { Send } from '../redis-connection.ts';
import { type ReplicaWait, requireReplicas } from '../replica-wait.ts';
import { askIdentity, identityOf, processOf, type ServerIdentity } from '../server-identity.ts';
import type { ClusterLayout, ClusterNode, ClusterNodes } from './cluster-nodes.ts';

interface Noted {
  /** Server id → its incarnation. */
  readonly masters: ReadonlyMap<string, string>;
  /** Monotonic. */
  readonly sinceMillis: number;
  /** Rows that no state has named yet. */
  hasRows: boolean;
}

interface Master extends ServerIdentity {
  readonly node: ClusterNode;
  /** That of the connection through which it was asked. */
  readonly askedOf: string;
}

/** Server id → who it is now. */
type Masters = ReadonlyMap<string, Master>;

/** What is to be done once the state is written. */
export interface StateWritten {
  /** Rejects where too few replicas of the server that has the slot now have what it has, or that server is a stranger. */
  requireReplicas(view: string, slot: number): Promise<void>;
  /** From here on the rows of the view's next run are watched. */
  note(): void;
}

export class RunWitness {
  readonly #nodes: ClusterNodes;
  readonly #waitFor: (replicaCount: number) => ReplicaWait;
  readonly #noted = new Map<string, Noted>();

  constructor(nodes: ClusterNodes, waitFor: (replicaCount: number) => ReplicaWait) {
    this.#nodes = nodes;
    this.#waitFor = waitFor;
  }

  /** Before a state is written. Rejects where it would name rows that may be lost. */
  async beforeState(view: string): Promise<StateWritten> {
    const sinceMillis = performance.now();
    const { layout, masters } = await askedPatiently(async () => {
      const layout = await this.#nodes.readAnew();
      return { layout, masters: await this.#ask(layout) };
    });
    const noted = this.#noted.get(view);
    if (noted?.hasRows === true) {
      this.#require(view, noted, masters);
      await Promise.all(layout.masters.map((node) => this.#requireReplicas(node, masters)));
    }
    return {
      requireReplicas: (of, slot) => this.#requireHolder(of, slot, masters),
      note: () => void this.#noted.set(view, { masters: incarnations(masters), sinceMillis, hasRows: false }),
    };
  }

  /** Before rows are written. Asks nobody again: the state that is to name them will. */
  async beforeRows(view: string): Promise<void> {
    const noted = this.#noted.get(view);
    if (noted === undefined) (await this.beforeState(view)).note();
    else this.#requireConnected(view, noted, await this.#nodes.layout());
    (this.#noted.get(view) as Noted).hasRows = true;
  }

  /** Where the slot has gone to another server meanwhile, by a migration or a fail-over, nobody can tell what that one has. */
  async #requireHolder(view: string, slot: number, masters: Masters): Promise<void> {
    // By the slots as the sender of the state knows them: other servers may not have heard of a migration yet.
    const holder = (await this.#nodes.layout()).owners[slot] ?? null;
    if (holder === null || !masters.has(holder.id))
      throw this.#lost(view, holder?.connection.address.text ?? this.#nodes.text);
    await this.#requireReplicas(holder, masters);
  }

  async #requireReplicas(node: ClusterNode, masters: Masters): Promise<void> {
    const { replicaCount = 0, askedOf = null } = masters.get(node.id) ?? {};
    const wait = this.#waitFor(Math.max(node.replicaCount, replicaCount));
    if (wait.replicas === 0) return;
    const send: Send = (commands) => node.connection.send(commands, askedOf);
    await requireReplicas(send, wait, node.connection.address.text);
  }

  async #ask({ masters }: ClusterLayout): Promise<Masters> {
    const all = masters.map(async (node): Promise<readonly [string, Master]> => {
      const askedOf = await node.connection.incarnation();
      const identity = identityOf(await node.connection.sendEach(askIdentity()));
      return [node.id, { ...(identity ?? unknownServer(askedOf)), node, askedOf }];
    });
    return new Map(await Promise.all(all));
  }

  #require(view: string, noted: Noted, masters: Masters): void {
    const ageMillis = performance.now() - noted.sinceMillis;
    for (const [id, { node, incarnation, wasAlwaysMaster, uptimeMillis }] of masters) {
      const before = noted.masters.get(id);
      const isSame = before === undefined ? wasAlwaysMaster && uptimeMillis > ageMillis : before === incarnation;
      if (!isSame) throw this.#lost(view, node.connection.address.text);
    }
  }

  #requireConnected(view: string, { masters }: Noted, layout: ClusterLayout): void {
    for (const { id, connection } of layout.masters) {
      const [before, now] = [masters.get(id), connection.knownIncarnation];
      if (before !== undefined && now !== null && processOf(before) !== processOf(now))
        throw this.#lost(view, connection.address.text);
    }
  }

  #lost(view: string, where: string): Error {
    this.#noted.delete(view);
    return mayHaveLost(view, where);
  }
}

const incarnations = (masters: Masters): ReadonlyMap<string, string> =>
  new Map([...masters].map(([id, { incarnation }]) => [id, incarnation]));

const unknownServer = (incarnation: string): ServerIdentity => ({
  incarnation,
  role: null,
  wasAlwaysMaster: false,
  uptimeMillis: 0,
  replicaCount: 0,
});
