// One run of one view: what must be read, and the engine's work; keep-run.ts keeps what comes of it.
import type { RowView, ServableView } from '../catalog/catalog.ts';
import { hasEntries, sourceOf } from '../catalog/look-up.ts';
import { counted } from '../counted.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant } from '../instant.ts';
import type { MaterializationOutcome, RunJob } from '../offline/compute.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { IncrementNode } from '../plan/nodes.ts';
import { boundaryOf, planMaterialization } from '../plan/plan-materialization.ts';
import { fileUri } from '../storage/location.ts';
import type { SourceFile } from '../storage/source-files.ts';
import { listSource } from '../storage/source-files.ts';
import { totalBytes, totalRows } from '../storage/totals.ts';
import type { Span } from '../telemetry/tracer.ts';
import { emptyNotice } from './empty-run.ts';
import { entriesOf } from './entries-of-view.ts';
import { keepRun, type PlannedRun, type RunContext } from './keep-run.ts';
import type { RunHistory } from './run-history.ts';
import type { RunTrace } from './run-trace.ts';
import { changedSince, type Unread } from './unread-files.ts';

/** A longer chain of deltas is replaced by a new base: reading it back would cost more than it saves. */
const LONGEST_CHAIN = 64;

export async function computeRun(
  context: RunContext,
): Promise<{ readonly manifest: RunManifest; readonly notice: string | null }> {
  const { view, trace, progress } = context;
  progress('computing', 0, null);
  const planned = await trace.phase('plan', () => plan(context));
  const { files, last, increment } = planned;
  const previous = last === null ? [] : await trace.phase('fetch', () => previousParts(context.history, last));
  const outcome = await trace.phase('compute', async (span) => {
    const computed = await planned.compute(jobOf(context, planned, { previous, span }));
    span.set({ rows: computed.scanned.rows });
    return computed;
  });
  failpoint('materialize.computed');
  logOutcome(trace, outcome);
  const unread =
    increment === null || last === null
      ? null
      : await trace.phase('inspect', () => changedBehind(context, files, last, increment));
  const manifest = await keepRun(context, { ...planned, outcome, unread });
  const notice = unread === null ? emptyNotice(context, files, outcome) : noticeOf(view, unread);
  if (notice !== null) trace.log(notice, 'warn');
  return { manifest, notice };
}

async function plan(context: RunContext): Promise<PlannedRun> {
  const { catalog, view, trace } = context;
  const source = sourceOf(catalog, view);
  const files = await listSource(context.sourceFiles, source);
  const last = context.live === null ? null : await context.history.manifest(context.live.run);
  const increment = incrementOf(context, last);
  const sizeBytes = totalBytes(files);
  trace.log(`reads source ${source.name}: ${counted(files.length, 'file')}, ${counted(sizeBytes, 'byte')}`);
  if (increment !== null) trace.log(`rows stamped before ${formatInstant(increment.eventMicros)} are not read again`);
  else if (last !== null && view.kind === 'row')
    trace.log(`all rows are read, into a new base: ${LONGEST_CHAIN} runs lie on the last one`);
  return { files, last, increment, ...computing(context, increment) };
}

/** What the engine is to do: of a continuous aggregate view the entries, of others the rows at the boundary. */
function computing(context: RunContext, increment: IncrementNode | null): Pick<PlannedRun, 'keys' | 'compute'> {
  const { catalog, view, request, engine, mostEntryBytes = MOST_ENTRY_BYTES } = context;
  const { untilMicros } = request;
  if (!hasEntries(view)) {
    const rowsPlan = planMaterialization(catalog, view, untilMicros, increment);
    return { keys: rowsPlan.values.rows.keys, compute: (job) => engine.materialize({ ...job, plan: rowsPlan }) };
  }
  const entries = entriesOf(catalog, view, { untilMicros, mostBytes: mostEntryBytes });
  return { keys: entries.plan.rows.keys, compute: (job) => engine.materializeEntries({ ...job, ...entries }) };
}

/** Unless a setting says so. */
const MOST_ENTRY_BYTES = 2 ** 20;

function jobOf(
  { folder, signal, progress }: RunContext,
  { files }: PlannedRun,
  { previous, span }: { readonly previous: readonly string[]; readonly span: Span },
): RunJob {
  const onProgress = (rowsDone: number, rowsTotal: number | null): void => {
    span.set({ rows: rowsDone });
    progress('computing', rowsDone, rowsTotal);
  };
  return { files, previousParts: previous, folder: fileUri(folder), signal, onProgress };
}

const MOST_TOLD = 20;

function logOutcome(trace: RunTrace, { scanned, rows, gone, invalidValues }: MaterializationOutcome): void {
  const { files, filesTotal, rowGroups, rowGroupsTotal } = scanned;
  const groups = rowGroupsTotal === 0 ? '' : `, ${rowGroups} of ${counted(rowGroupsTotal, 'row group')}`;
  const isAll = files === filesTotal && rowGroups === rowGroupsTotal;
  const rest = isAll ? '' : '; the others can hold no row that counts';
  trace.log(`read ${counted(scanned.rows, 'row')} from ${files} of ${counted(filesTotal, 'file')}${groups}${rest}`);
  const goneKeys = totalRows(gone);
  trace.log(
    `computed ${counted(rows, 'row')}, one for each key that changed${goneKeys === 0 ? '' : `; ${counted(goneKeys, 'key')} went`}`,
  );
  for (const [feature, values] of Object.entries(invalidValues).slice(0, MOST_TOLD))
    trace.log(`${counted(values, 'value')} of ${feature} overflowed or failed: served as INVALID`, 'warn');
}

async function previousParts(history: RunHistory, last: RunManifest): Promise<readonly string[]> {
  const manifests = await Promise.all(last.chain.map((run) => history.manifest(run)));
  return (await Promise.all(manifests.map((manifest) => history.partUris(manifest, manifest.parts)))).flat();
}

/**
 * A row view reads rows stamped since the watermark less its lateness. With a created column also every row created since
 * then, however old; the lateness is allowed for there too, because a row may reach the source after its created time.
 */
function incrementOf({ view, catalog, live }: RunContext, last: RunManifest | null): IncrementNode | null {
  if (view.kind !== 'row' || live === null || last === null || last.chain.length >= LONGEST_CHAIN) return null;
  const eventMicros = boundaryOf(view, live.watermarkMicros).effectiveMicros - view.latenessMicros;
  const hasCreated = sourceOf(catalog, view).createdTimestampColumn !== null;
  return { kind: 'increment', eventMicros, createdMicros: hasCreated ? eventMicros : null };
}

/** null where everything was looked at. */
async function changedBehind(
  { catalog, view, engine, signal }: RunContext,
  files: readonly SourceFile[],
  last: RunManifest,
  { eventMicros, createdMicros }: IncrementNode,
): Promise<Unread | null> {
  if (createdMicros !== null) return null;
  const source = sourceOf(catalog, view);
  const { changed, gone } = changedSince(last, source.name, files);
  const behind = await engine.filesBehind(source, changed, eventMicros, signal);
  return { changed: behind, gone, beforeMicros: eventMicros };
}

function noticeOf(view: ServableView, { changed, gone, beforeMicros }: Unread): string | null {
  const sentences = [
    ...(changed.length === 0
      ? []
      : [
          `${changed.join(', ')} changed since the last run and hold rows before ${formatInstant(beforeMicros)}, which were not read again (lateness ${latenessText(view)})`,
        ]),
    ...(gone.length === 0 ? [] : [`${gone.join(', ')} are gone; their rows stay`]),
  ];
  return sentences.length === 0 ? null : `${sentences.join('; ')}. Use --full to rebuild ${view.name} from all rows`;
}

const latenessText = (view: ServableView): string => `${Number((view as RowView).latenessMicros) / 3_600_000_000} h`;
