// The runs of a view, for who has its lease: what `views/<view>/` keeps of each (run-files.ts, and the manifest).
import { PlumbError } from '../../schemas/errors.ts';
import { endFolder, MANIFEST_FILE, missingParts, verifyParts } from '../offline/manifest.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import { RUNS_PREFIX, readRunManifest, runFolder, runFolderName, runOfKey } from '../offline/manifest-run.ts';
import { fileUri } from '../storage/location.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { RunReport } from './run.ts';
import {
  REPORT_FILE,
  type RunPlace,
  readReport,
  runFile,
  STARTED_FILE,
  type StartedRun,
  writeReport,
  writeTrace,
} from './run-files.ts';
import type { RecordedTrace } from './run-trace.ts';

/** A run was paused for so long that the next one ended it. */
export const takenForDead = (view: string, run: string): PlumbError =>
  new PlumbError('CONFLICT', `run ${run} of ${view} was taken for dead and ended by a later one; try again`, {
    details: { view, run },
  });

export class RunHistory {
  readonly #store: ObjectStore;
  readonly #view: string;

  constructor(store: ObjectStore, view: string) {
    this.#store = store;
    this.#view = view;
  }

  /** Run names that have the file, ascending. */
  async #runsWith(file: string): Promise<readonly string[]> {
    const objects = await this.#store.list(`${RUNS_PREFIX}${this.#view}/`);
    const found = objects.map(({ key }) => runOfKey(key)).filter((one) => one !== null);
    return found.flatMap((one) => (one.file === file ? [one.run] : [])).toSorted();
  }

  /** Claims the next number; it is also the run's token, so a later run always has a greater one. */
  async begin(started: StartedRun, atLeast: bigint): Promise<number> {
    const content = Buffer.from(`${JSON.stringify(started)}\n`);
    for (;;) {
      const last = Number((await this.#runsWith(STARTED_FILE)).at(-1) ?? 0);
      const token = Math.max(last, Number(atLeast)) + 1;
      const place = { view: this.#view, run: runFolderName(token) };
      if (await this.#store.putIfAbsent(runFile(place, STARTED_FILE), content)) return token;
    }
  }

  /**
   * Ends every run that was begun and has no manifest: whoever began it died, failed, or is paused and cannot commit any
   * more. Only for who holds the view's lease.
   */
  async abandonUnfinished(): Promise<void> {
    const ended = new Set(await this.#runsWith(MANIFEST_FILE));
    for (const run of await this.#runsWith(STARTED_FILE))
      if (!ended.has(run)) await endFolder(this.#store, runFolder(this.#view, run), 'abandoned');
  }

  /** What a run commits that puts a former snapshot online again; CONFLICT where it was taken for dead. */
  async commitRepublished(run: string): Promise<void> {
    if (!(await endFolder(this.#store, runFolder(this.#view, run), 'republished'))) throw takenForDead(this.#view, run);
  }

  /** The newest run of that fingerprint that wrote its manifest; null where there is none. */
  async newestManifest(fingerprint: string): Promise<RunManifest | null> {
    for (const run of (await this.#runsWith(MANIFEST_FILE)).toReversed()) {
      const manifest = await this.findManifest(run);
      if (manifest?.fingerprint === fingerprint) return manifest;
    }
    return null;
  }

  /** null where the run wrote none. */
  findManifest(run: string): Promise<RunManifest | null> {
    return readRunManifest(this.#store, this.#view, run);
  }

  async manifest(run: string): Promise<RunManifest> {
    const manifest = await this.findManifest(run);
    if (manifest !== null) return manifest;
    throw new PlumbError(
      'STORAGE_CORRUPT',
      `the stored run views/${this.#view}/${run} lost its manifest, though the online store is built from it; ${this.#mending}`,
    );
  }

  get #mending(): string {
    return `run \`plumb materialize ${this.#view} --full\``;
  }

  /** Parts of a run that are not there as its manifest says, as sentences. */
  async missingParts(run: string): Promise<readonly string[]> {
    const { parts, tombstoneParts } = await this.manifest(run);
    const all = [...parts, ...tombstoneParts];
    return await missingParts(this.#store, runFolder(this.#view, run), { parts: all, mending: this.#mending });
  }

  /** STORAGE_CORRUPT unless every part of the manifest's chain is what its manifest says. */
  async verifyChain({ chain }: RunManifest): Promise<void> {
    for (const run of chain) {
      const { parts, tombstoneParts } = await this.manifest(run);
      await verifyParts(this.#store, runFolder(this.#view, run), [...parts, ...tombstoneParts]);
    }
  }

  writeTrace(run: string, trace: RecordedTrace): Promise<void> {
    return writeTrace(this.#place(run), trace);
  }

  writeReport(report: RunReport): Promise<void> {
    return writeReport(this.#place(report.run), report);
  }

  /** Whether the run was reported as done; a report is not written again then. */
  async hasSucceeded(run: string): Promise<boolean> {
    const report = await readReport(this.#place(run)).catch(nullWhereDamaged);
    return report?.outcome === 'succeeded';
  }

  /** Newest first, without those that are damaged. */
  async lastReports(count: number, onDamaged: (error: PlumbError) => void): Promise<readonly RunReport[]> {
    const runs = (await this.#runsWith(REPORT_FILE)).toReversed().slice(0, count);
    const reports = await Promise.all(
      runs.map((run) => readReport(this.#place(run)).catch((error) => nullWhereDamaged(error, onDamaged))),
    );
    return reports.filter((report) => report !== null);
  }

  #place(run: string): RunPlace {
    return { store: this.#store, view: this.#view, run };
  }

  /** Where an engine reads parts. */
  async partUris(manifest: RunManifest, parts: RunManifest['parts']): Promise<readonly string[]> {
    const folder = runFolder(this.#view, manifest.run);
    const missing = await missingParts(this.#store, folder, { parts, mending: this.#mending });
    if (missing.length > 0)
      throw new PlumbError('STORAGE_CORRUPT', missing.join('; '), { details: { view: this.#view } });
    return await Promise.all(parts.map(async ({ path }) => fileUri(await this.#store.localPath(`${folder}${path}`))));
  }
}

function nullWhereDamaged(error: unknown, onDamaged: (error: PlumbError) => void = () => {}): null {
  if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
  onDamaged(error);
  return null;
}
