// Puts the rows of a run online. What is loaded follows from the manifests alone, so a run that was cut off after its
// manifest is finished by the next one, an emptied store is filled again, and loading twice changes nothing.
//
//   claim    the state takes the run's token (nobody who planned before it can publish any more), counts the generation
//            (no other run fills it, should this one die) and reaches T (TOO_EARLY before it)
//   rows     of every run of the chain that the generation lacks, oldest first, then its tombstones
//   switch   the state names the generation live at watermark T; the one that was live before stays beside it where a bound
//            training set needs it
import { PlumbError } from '../../schemas/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { failpoint } from '../failpoint.ts';
import { nowMicros } from '../instant.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { FieldName, OnlineStore } from '../online/online-store.ts';
import type { LiveGeneration, ServingState } from '../online/serving-state.ts';
import { fieldName, fieldsInUse } from '../online/serving-state.ts';
import { decodeServingState, encodeServingState } from '../online/serving-state-codec.ts';
import { formerOf, generationOf, type Place } from './generation.ts';
import { loadRun } from './load-run.ts';
import { placedIn, withoutFormer } from './place-generation.ts';
import type { PublishPorts } from './run-ports.ts';

export interface Publication {
  readonly view: ServableView;
  readonly manifest: RunManifest;
  /** Where the rows go: the manifest's generation, or a new one that its chain is loaded into. */
  readonly generation: string;
  readonly rebuildCount: number;
  readonly place: Place;
  /** What `formerOf` found when the run was planned; a run that was overtaken since publishes nothing. */
  readonly basedOn: LiveGeneration | null;
  /** The state's token at that time: a run that claimed the view since may have written rows that this one knows nothing of. */
  readonly plannedToken: bigint;
  /** Of this run: at least the manifest's, greater where a snapshot is loaded again. */
  readonly token: bigint;
}

const NOTHING: ServingState = { live: null, token: 0n, rebuildCount: 0 };

export async function readState(
  online: OnlineStore,
  view: string,
): Promise<{ readonly bytes: Uint8Array | null; readonly state: ServingState }> {
  const [bytes = null] = (await online.read([], [view])).states;
  return { bytes, state: bytes === null ? NOTHING : decodeServingState(bytes) };
}

/** The last batch is durable, and the generation live, when it resolves. */
export async function publish(
  ports: PublishPorts,
  publication: Publication,
  onRows: (rowsDone: number) => void,
): Promise<void> {
  const { trace, online } = ports;
  const { view, manifest, generation } = publication;
  const watermarkMicros = BigInt(manifest.untilMicros);
  // Listed before the claim: what a later run fills has names that are not among these.
  const fields = await online.listFields();
  const before = await trace.phase('claim', () => claim(online, publication, watermarkMicros));
  failpoint('materialize.claimed');
  const published = { id: generation, run: manifest.run, watermarkMicros };
  const target = generationOf(view, published, before, nowMicros());
  await dropAbandoned(ports, publication, fields);
  const lacking =
    before?.id === generation ? manifest.chain.slice(manifest.chain.indexOf(before.run) + 1) : manifest.chain;
  failpoint('materialize.before_rows');
  const them = lacking.length === 1 ? 'run' : 'the runs';
  trace.log(`generation ${generation} lacks the rows of ${them} ${lacking.join(', ')}`);
  await trace.phase('load', (span) => {
    const told = (rows: number): void => {
      span.set({ rows });
      onRows(rows);
    };
    return loadRuns(ports, publication, { target, runs: lacking, onRows: told });
  });
  failpoint('materialize.rows_written');
  // The last row is written now: the clock counts from here.
  const live = generationOf(view, published, before, nowMicros());
  await trace.phase('switch', () => switchOver(ports, publication, live));
  trace.log(`lookups read generation ${generation} as of ${manifest.until}`);
  failpoint('materialize.published');
}

interface Load {
  readonly target: LiveGeneration;
  /** Of the manifest's chain, oldest first. */
  readonly runs: readonly string[];
  readonly onRows: (rowsDone: number) => void;
}

async function loadRuns(
  ports: PublishPorts,
  { view, manifest, generation, token }: Publication,
  { target, runs, onRows }: Load,
): Promise<void> {
  const field = fieldName(view.name, generation);
  let done = 0;
  for (const run of runs) {
    const source = run === manifest.run ? manifest : await ports.history.manifest(run);
    const earlier = done;
    done += await loadRun(ports, { view, target, field, token, onRows: (rows) => onRows(earlier + rows) }, source);
  }
}

/** Returns what the run goes on from, or takes the place of. */
async function claim(
  online: OnlineStore,
  { view, place, token, plannedToken, generation, rebuildCount, basedOn }: Publication,
  reachedMicros: bigint,
): Promise<LiveGeneration | null> {
  for (;;) {
    const { bytes, state } = await readState(online, view.name);
    if (state.token !== plannedToken && state.token !== token) throw overtaken(view.name);
    const former = formerOf(state, view, place);
    if (former?.id !== basedOn?.id || former?.run !== basedOn?.run) throw overtaken(view.name);
    const reached = { ...reachedBy(state, generation, reachedMicros), token, rebuildCount };
    if (await online.writeState(view.name, bytes, encodeServingState(reached))) return former;
  }
}

function reachedBy({ live, bound, ...state }: ServingState, id: string, reachedMicros: bigint): ServingState {
  const reached = (one: LiveGeneration): LiveGeneration => (one.id === id ? { ...one, reachedMicros } : one);
  return {
    ...state,
    live: live === null ? null : reached(live),
    ...(bound === undefined ? {} : { bound: bound.map(reached) }),
  };
}

/** Again where the state changed in a way that is no run's: a training set was bound or retired meanwhile. */
async function switchOver(
  { online, settle }: PublishPorts,
  { view, place, token, rebuildCount }: Publication,
  target: LiveGeneration,
): Promise<void> {
  for (;;) {
    const { bytes, state } = await readState(online, view.name);
    if (bytes === null) throw emptied(view.name);
    if (state.token !== token) throw overtaken(view.name);
    const placed = { ...placedIn(state, target, place), token, rebuildCount };
    const next = withoutFormer(await settle(view.name, placed), state.live);
    failpoint('materialize.before_switch');
    if (await online.writeState(view.name, bytes, encodeServingState(next))) return;
  }
}

const overtaken = (view: string): PlumbError =>
  new PlumbError(
    'CONFLICT',
    `another run of ${view} went first; this one published nothing. Its rows are kept under storage; try again`,
  );

const emptied = (view: string): PlumbError =>
  new PlumbError(
    'STORE_UNAVAILABLE',
    `the online store was emptied while rows of ${view} were written; run \`plumb materialize ${view}\` again`,
  );

/** Generations that never went live, or that were live before the last one and are not held: no lookup reads them any more. */
async function dropAbandoned(
  ports: PublishPorts,
  publication: Publication,
  fields: readonly FieldName[],
): Promise<void> {
  const { view, generation } = publication;
  const others = fields.filter(
    (field) => field.startsWith(fieldName(view.name, '')) && field !== fieldName(view.name, generation),
  );
  if (others.length === 0) return;
  await ports.trace.phase('drop', async () => {
    for (const field of others) await dropUnlessLive(ports, publication, field);
  });
}

async function dropUnlessLive(
  { online, signal, trace }: PublishPorts,
  { view, token }: Publication,
  field: FieldName,
): Promise<void> {
  // A drop carries no token: a process that was paused here may have been overtaken by another run.
  throwIfCancelled(signal);
  const { state } = await readState(online, view.name);
  if (state.token !== token) throw overtaken(view.name);
  if (fieldsInUse(view.name, state).has(field)) return;
  await online.dropField(field);
  trace.log(`the rows of ${field} were removed: no lookup reads that generation any more`);
}
