// Rows that a manifest names but the online store does not have: a run that was cut off, a store that was emptied, a
// snapshot that is loaded on purpose. Nothing is computed here, and nothing damaged is loaded: parts are checked first.
import { PlumbError } from '../../schemas/errors.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { type RunManifest, runFolderName } from '../offline/manifest-run.ts';
import type { ServingState } from '../online/serving-state.ts';
import { generationId, rebuildCountOf } from './generation.ts';
import { type Publication, publish, readState } from './publish.ts';
import type { RunReport } from './run.ts';
import type { RunPorts } from './run-ports.ts';
import { reportOf } from './run-report.ts';

/**
 * A run that wrote its manifest but is not what lookups read: it was cut off, or the store was emptied. One that was
 * overtaken (another run took the place of what it was based on) never counts.
 */
export async function pendingRun({ online, history }: Pick<RunPorts, 'online' | 'history'>, view: FeatureView) {
  const manifest = await history.newestManifest(view.fingerprint);
  if (manifest === null) return null;
  const { state } = await readState(online, view.name);
  const isPending = (run: RunManifest): boolean => state.live === null || run.basedOn === state.live.run;
  if (!isPending(manifest)) return null;
  // Of several, the one that claimed the view: the generation may hold some of its rows already.
  const claimant = await history.findManifest(runFolderName(Number(state.token)));
  const isStarted = claimant?.generation === manifest.generation && isPending(claimant);
  return { manifest: isStarted ? claimant : manifest, state };
}

/** Returns what to tell of it with the run that follows; null where nothing was pending. */
export async function finishPending(ports: RunPorts, view: FeatureView, blank: RunReport): Promise<string | null> {
  const pending = await pendingRun(ports, view);
  if (pending === null) return null;
  const { manifest, state } = pending;
  const { trace, history } = ports;
  trace.log(`run ${manifest.run} was computed, but is not what lookups read: it is put online first`);
  await trace.phase('verify', () => history.verifyChain(manifest));
  const continues = state.live !== null && manifest.chain.includes(state.live.run);
  const generation = continues && state.live !== null ? state.live.id : manifest.generation;
  const rebuildCount = Math.max(state.rebuildCount, rebuildCountOf(generation));
  const publication = { view, manifest, generation, rebuildCount, token: tokenFor(manifest, state) };
  const rows = await publishOver(ports, state, publication);
  if (await ports.history.hasSucceeded(manifest.run)) {
    return `run ${manifest.run} was not in the online store: its snapshot was loaded first, ${rows} rows`;
  }
  const notice = 'cut off after its manifest; the next run finished it';
  await ports.history.writeReport(reportOf({ ...blank, startedAt: manifest.startedAt }, manifest, notice));
  return `run ${manifest.run} had been cut off: it was finished first`;
}

const tokenFor = ({ token }: RunManifest, state: ServingState): bigint =>
  BigInt(token) > state.token ? BigInt(token) : state.token;

/** Loads the chain of the live run, or of the newest one, into a new generation; nothing is computed. */
export async function republish(ports: RunPorts, view: FeatureView, blank: RunReport): Promise<RunReport> {
  const { state } = await readState(ports.online, view.name);
  const isLive = state.live?.fingerprint === view.fingerprint;
  const manifest = isLive
    ? await ports.history.manifest(state.live.run)
    : await ports.history.newestManifest(view.fingerprint);
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
  const publication = { view, manifest, generation, rebuildCount, token: BigInt(token) };
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
  { live, token }: ServingState,
  publication: Omit<Publication, 'basedOn' | 'plannedToken'>,
): Promise<number> {
  let rows = 0;
  await publish(ports, { ...publication, basedOn: live, plannedToken: token }, (done) => {
    rows = done;
    ports.progress('writing', done, null);
  });
  return rows;
}
