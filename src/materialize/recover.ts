// Rows that a manifest names but the online store does not have: a run that was cut off, a store that was emptied, a
// snapshot that is loaded on purpose. Nothing is computed here, and nothing damaged is loaded: parts are checked first.
import { PlumbError } from '../../schemas/errors.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { type RunManifest, runFolderName } from '../offline/manifest-run.ts';
import { generationBy, type ServingState } from '../online/serving-state.ts';
import { formerOf, generationId, type Place, rebuildCountOf } from './generation.ts';
import { type Publication, publish, readState } from './publish.ts';
import type { RunReport } from './run.ts';
import type { RunPorts } from './run-ports.ts';
import { reportOf } from './run-report.ts';

export interface PlacedView {
  readonly view: ServableView;
  readonly place: Place;
}

/**
 * A run that wrote its manifest but is not what lookups read: it was cut off, or the store was emptied. One that was
 * overtaken (another run took the place of what it was based on) never counts.
 */
export async function pendingRun(
  { online, history }: Pick<RunPorts, 'online' | 'history'>,
  { view, place }: PlacedView,
) {
  const manifest = await history.newestManifest(view.fingerprint);
  if (manifest === null) return null;
  const { state } = await readState(online, view.name);
  const former = formerOf(state, view, place);
  const isPending = (run: RunManifest): boolean => former === null || run.basedOn === former.run;
  if (!isPending(manifest)) return null;
  // Of several, the one that claimed the view: the generation may hold some of its rows already.
  const claimant = await history.findManifest(runFolderName(Number(state.token)));
  const isStarted = claimant?.generation === manifest.generation && isPending(claimant);
  return { manifest: isStarted ? claimant : manifest, state, former, isStarted };
}

/** Returns what to tell of it with the run that follows; null where nothing was pending. */
export async function finishPending(ports: RunPorts, placed: PlacedView, blank: RunReport): Promise<string | null> {
  const pending = await pendingRun(ports, placed);
  if (pending === null) return null;
  const { manifest, state } = pending;
  const { trace, history } = ports;
  trace.log(`run ${manifest.run} was computed, but is not what lookups read: it is put online first`);
  await trace.phase('verify', () => history.verifyChain(manifest));
  const generation = generationToFinish(placed, pending);
  const rebuildCount = Math.max(state.rebuildCount, rebuildCountOf(generation));
  const publication = { ...placed, manifest, generation, rebuildCount, token: tokenFor(manifest, state) };
  const rows = await publishOver(ports, state, publication);
  if (await ports.history.hasSucceeded(manifest.run)) {
    return `run ${manifest.run} was not in the online store: its snapshot was loaded first, ${rows} rows`;
  }
  const notice = 'cut off after its manifest; the next run finished it';
  await ports.history.writeReport(reportOf({ ...blank, startedAt: manifest.startedAt }, manifest, notice));
  return `run ${manifest.run} had been cut off: it was finished first`;
}

type Pending = NonNullable<Awaited<ReturnType<typeof pendingRun>>>;

/** One that was taken from beside the live one is not filled again: what was left of it is not known. */
function generationToFinish({ view, place }: PlacedView, { manifest, state, former, isStarted }: Pending): string {
  if (former !== null && manifest.chain.includes(former.run)) return former.id;
  const mayBeLeftOver = place === 'bound' && former === null && state.live !== null && !isStarted;
  return mayBeLeftOver ? generationId(view, state.rebuildCount + 1) : manifest.generation;
}

const tokenFor = ({ token }: RunManifest, state: ServingState): bigint =>
  BigInt(token) > state.token ? BigInt(token) : state.token;

/** Loads the chain of the live run, or of the newest one, into a new generation; nothing is computed. */
export async function republish(ports: RunPorts, placed: PlacedView, blank: RunReport): Promise<RunReport> {
  const { view } = placed;
  const { state } = await readState(ports.online, view.name);
  const own = generationBy(state, view.fingerprint);
  const manifest =
    own === null ? await ports.history.newestManifest(view.fingerprint) : await ports.history.manifest(own.run);
  if (manifest === null) {
    throw new PlumbError(
      'NOT_MATERIALIZED',
      `${view.name} has no snapshot of its present definition; run plumb materialize ${view.name}`,
    );
  }
  const token = await ports.record.begin(tokenFor(manifest, state), manifest.until);
  await ports.trace.phase('verify', () => ports.history.verifyChain(manifest));
  await ports.lease.assertHeld();
  await ports.history.commitRepublished(runFolderName(token));
  const rebuildCount = Math.max(state.rebuildCount, rebuildCountOf(manifest.generation)) + 1;
  const generation = generationId(view, rebuildCount);
  const publication = { ...placed, manifest, generation, rebuildCount, token: BigInt(token) };
  const rows = await publishOver(ports, state, publication);
  const report: RunReport = {
    ...reportOf(blank, manifest, null),
    run: runFolderName(token),
    mode: 'from_snapshot',
    generation,
    rowsScanned: 0,
    rowsWritten: rows,
    tombstonesWritten: 0,
  };
  await ports.record.succeed(report);
  return report;
}

/** Publishes over a state as it was read; returns how many rows were written. */
async function publishOver(
  ports: RunPorts,
  state: ServingState,
  publication: Omit<Publication, 'basedOn' | 'plannedToken'>,
): Promise<number> {
  let rows = 0;
  const basedOn = formerOf(state, publication.view, publication.place);
  await publish(ports, { ...publication, basedOn, plannedToken: state.token }, (done) => {
    rows = done;
    ports.progress('writing', done, null);
  });
  return rows;
}
