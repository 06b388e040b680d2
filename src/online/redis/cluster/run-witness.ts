// Whether a Cluster still has every row of a run. Rows lie on many servers and the state on one, so a state may outlive
// rows that it names: where a master restarted, or a replica took its place, what was acknowledged last may be gone.
//
//   claim      the witness notes who the masters are: server, process, life of its data      (before the first row)
//   rows       …
//   go live    each master is the one that was noted, or one that was there all along, never was a replica, and got its
//              slots by a migration; and enough of its replicas have what it has
import { mayHaveLost } from '../patient-sender.ts';
import { type ReplicaWait, requireReplicas, waiting } from '../replica-wait.ts';
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

type Identities = ReadonlyMap<ClusterNode, ServerIdentity>;

export class RunWitness {
  readonly #nodes: ClusterNodes;
  readonly #waitFor: (node: ClusterNode) => ReplicaWait;
  readonly #noted = new Map<string, Noted>();

  constructor(nodes: ClusterNodes, waitFor: (node: ClusterNode) => ReplicaWait) {
    this.#nodes = nodes;
    this.#waitFor = waitFor;
  }

  /** Before a state is written. Rejects where it would name rows that may be lost. Answers what it is to be noted with. */
  async beforeState(view: string): Promise<() => void> {
    const sinceMillis = performance.now();
    const layout = await this.#nodes.readAnew();
    const identities = await this.#identities(layout);
    const noted = this.#noted.get(view);
    if (noted?.hasRows === true) {
      this.#require(view, noted, identities);
      await Promise.all(layout.masters.map((node) => this.requireReplicas(node)));
    }
    return () => void this.#noted.set(view, { masters: incarnations(identities), sinceMillis, hasRows: false });
  }

  /** Before rows are written. Asks nobody again: the state that is to name them will. */
  async beforeRows(view: string): Promise<void> {
    const noted = this.#noted.get(view);
    if (noted === undefined) (await this.beforeState(view))();
    else this.#requireConnected(view, noted, await this.#nodes.layout());
    (this.#noted.get(view) as Noted).hasRows = true;
  }

  /** Enough replicas of that master have what it has now. */
  async requireReplicas(node: ClusterNode): Promise<void> {
    const wait = this.#waitFor(node);
    if (wait.replicas === 0) return;
    requireReplicas(await node.connection.send(waiting(wait)), wait, node.connection.address.text);
  }

  async #identities({ masters }: ClusterLayout): Promise<Identities> {
    const all = masters.map(async (node): Promise<readonly [ClusterNode, ServerIdentity]> => {
      const incarnation = await node.connection.incarnation();
      const identity = identityOf(await node.connection.sendEach(askIdentity()));
      return [node, identity ?? { incarnation, role: null, wasAlwaysMaster: false, uptimeMillis: 0 }];
    });
    return new Map(await Promise.all(all));
  }

  #require(view: string, { masters, sinceMillis }: Noted, identities: Identities): void {
    const ageMillis = performance.now() - sinceMillis;
    for (const [{ id, connection }, { incarnation, wasAlwaysMaster, uptimeMillis }] of identities) {
      const before = masters.get(id);
      const isSame = before === undefined ? wasAlwaysMaster && uptimeMillis > ageMillis : before === incarnation;
      if (!isSame) throw this.#lost(view, connection.address.text);
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

const incarnations = (identities: Identities): ReadonlyMap<string, string> =>
  new Map([...identities].map(([{ id }, { incarnation }]) => [id, incarnation]));
