// Erased keys leave the online store: a tombstone takes the place of the row in every generation of the view. At once, without
// a lease, with the token that the view has; a run that goes on may write such a row again, so the same is done once more under
// the lease, with a token that no run had and every later one exceeds.
import type { Value } from '../../schemas/types.ts';
import { type ErasedJoinKey, typedKeys } from '../catalog/erasures.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { readState } from '../materialize/publish.ts';
import { writeReport } from '../materialize/run-files.ts';
import { RunHistory } from '../materialize/run-history.ts';
import { emptyReport } from '../materialize/run-report.ts';
import { endFolder } from '../offline/manifest.ts';
import { runFolder, runFolderName } from '../offline/manifest-run.ts';
import { encoderFor } from '../online/entity-key.ts';
import type { EntityKey, FieldName } from '../online/online-store.ts';
import { fieldName, generationsOf, type ServingState } from '../online/serving-state.ts';
import { encodeServingState } from '../online/serving-state-codec.ts';
import { eventMicrosOf } from '../online/stored-row.ts';
import { fileUri } from '../storage/location.ts';
import { roleInRun } from './entity-columns.ts';
import type { Erasing } from './erasing.ts';
import { jobOf } from './rewrite-parts.ts';
import { type HoldingRun, knows } from './view-runs.ts';

const AT_ONCE = 1000;

export interface OnlineView {
  readonly view: string;
  readonly runs: readonly HoldingRun[];
}

/** Returns how many entries there were. Counts alone in a dry run. */
export async function eraseOnline(erasing: Erasing, { view, runs }: OnlineView, token?: bigint): Promise<number> {
  const { online, dryRun } = erasing;
  const { state } = await readState(online, view);
  if (state.live === null && state.token === 0n) return 0;
  const fields = await fieldsOf(erasing, view, { state, runs });
  const keys = await entityKeys(erasing, { state, runs });
  let removed = 0;
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const group = keys.slice(from, from + AT_ONCE);
    for (const field of fields) {
      const gone = await erasable(erasing, { field, state, runs }, group);
      removed += gone.filter(({ isStored }) => isStored).length;
      const lifeMillis = Number(erasing.graceMicros / 1000n) + 1;
      const writes = gone.map(({ entity }) => ({ entity, row: null, lifeMillis }));
      if (!dryRun && writes.length > 0) await online.writeRows(field, token ?? state.token, writes);
    }
  }
  failpoint('erasure.online_removed');
  return removed;
}

async function fieldsOf(
  { online }: Erasing,
  view: string,
  { state, runs }: { readonly state: ServingState; readonly runs: readonly HoldingRun[] },
): Promise<readonly FieldName[]> {
  const listed = (await online.listFields()).filter((field) => field.startsWith(fieldName(view, '')));
  const live = generationsOf(state).map(({ id }) => fieldName(view, id));
  // A run that died may have begun to fill one: a later one would go on with it.
  const newest = runs.at(-1);
  const begun = newest === undefined ? [] : [fieldName(view, newest.manifest.generation)];
  return [...new Set([...listed, ...live, ...begun])];
}

interface FieldOf {
  readonly field: FieldName;
  readonly state: ServingState;
  readonly runs: readonly HoldingRun[];
}

/** Keys without a row too: a run that was paused may be about to write one. A row of a time after the erasure stays. */
async function erasable(
  erasing: Erasing,
  { field, state, runs }: FieldOf,
  entities: readonly EntityKey[],
): Promise<readonly { readonly entity: EntityKey; readonly isStored: boolean }[]> {
  const generation = generationsOf(state).find(({ id }) => field.endsWith(`@${id}`));
  const lastRun = runs.find(({ manifest }) => manifest.run === generation?.run)?.manifest;
  const kind =
    generation?.kind ?? runs.find(({ manifest }) => field.endsWith(`@${manifest.generation}`))?.manifest.viewKind;
  // Each run writes every aggregate anew: what one wrote that left the rows out is right.
  if (kind === 'aggregate' && lastRun !== undefined && knows(erasing, lastRun)) return [];
  const { rows } = await erasing.online.read([{ entities, fields: [field] }], []);
  return entities.flatMap((entity, i) => {
    const row = rows[0]?.[i]?.[0] ?? null;
    const stays = row !== null && kind === 'row' && isLater(row, erasing.erasure.beforeMicros);
    return stays ? [] : [{ entity, isStored: row !== null }];
  });
}

function isLater(row: Uint8Array, beforeMicros: bigint): boolean {
  const eventMicros = eventMicrosOf(row);
  return eventMicros !== null && eventMicros >= beforeMicros;
}

interface KeySpace {
  readonly entities: readonly string[];
  /** Of its runs. */
  readonly columns: readonly ErasedJoinKey[];
  readonly places: readonly number[];
}

/** Those of the erased entity, and of a view of several entities all that its runs wrote with one of them. */
async function entityKeys(
  erasing: Erasing,
  { state, runs }: { readonly state: ServingState; readonly runs: readonly HoldingRun[] },
): Promise<readonly EntityKey[]> {
  const spaces = new Map<string, KeySpace & { readonly runs: HoldingRun[] }>();
  for (const run of runs) {
    const columns = run.manifest.keyColumns as readonly ErasedJoinKey[];
    const entities = entitiesOf(erasing, run, state);
    const id = JSON.stringify([entities, columns, run.places]);
    const space = spaces.get(id) ?? {
      entities,
      columns,
      places: run.places,
      runs: [],
    };
    space.runs.push(run);
    spaces.set(id, space);
  }
  const keys = new Map<string, EntityKey>();
  for (const space of spaces.values()) {
    const encoder = encoderFor(space.entities, space.columns);
    for (const values of await valuesOf(erasing, space)) {
      const key = encoder.encode(values);
      keys.set(Buffer.from(key).toString('hex'), key);
    }
  }
  return [...keys.values()];
}

/** As the store has them; a view that is not live is filled as it is defined. */
const entitiesOf = ({ catalog, erasure }: Erasing, { manifest }: HoldingRun, state: ServingState): readonly string[] =>
  generationsOf(state).find(({ id }) => id === manifest.generation)?.entities ??
  catalog.views.get(manifest.view)?.entities ??
  state.live?.entities ?? [erasure.entity];

async function valuesOf(
  erasing: Erasing,
  { columns, places, runs }: KeySpace & { readonly runs: readonly HoldingRun[] },
): Promise<readonly (readonly Value[])[]> {
  if (places.length === columns.length)
    return typedKeys(erasing.erasure, columns).map(({ values }) =>
      places.map((_, at) => values[places.indexOf(at)] ?? null),
    );
  const { store, engine } = erasing;
  const told: (readonly Value[])[] = [];
  for (const { manifest } of runs) {
    const folder = runFolder(manifest.view, manifest.run);
    const role = roleInRun(erasing, manifest, { places, isTimed: false });
    for (const part of [...manifest.parts, ...manifest.tombstoneParts]) {
      const uri = fileUri(await store.localPath(`${folder}${part.path}`));
      told.push(...(await engine.findErased(uri, { ...jobOf(erasing, [role]), tell: manifest.keyColumns })).told);
    }
  }
  return told;
}

/**
 * Under the lease of the view: its state gets a token that no run had, with a folder of its own, as runs have. Whoever was
 * paused with an older one can neither write over a tombstone nor switch generations. undefined: nothing is online.
 */
export async function fenceView({ store, online, erasure }: Erasing, view: string): Promise<bigint | undefined> {
  const history = new RunHistory(store, view);
  await history.abandonUnfinished();
  const { state } = await readState(online, view);
  if (state.token === 0n) return undefined;
  const startedAt = formatInstant(nowMicros());
  const token = await history.begin({ startedAt, mode: 'incremental' }, state.token);
  const run = runFolderName(token);
  await endFolder(store, runFolder(view, run), 'abandoned');
  const request = { mode: 'incremental', untilMicros: state.live?.watermarkMicros ?? 0n } as const;
  const blank = emptyReport({ view: { name: view }, boundTo: [] }, request, startedAt);
  const notice = `nothing was computed: the erasure ${erasure.id} took its keys out of the runs of ${view}`;
  const generation = state.live?.id ?? null;
  await writeReport({ store, view, run }, { ...blank, run, outcome: 'skipped', notice, generation });
  for (;;) {
    const { bytes, state: found } = await readState(online, view);
    if (bytes === null) return undefined;
    if (found.token >= BigInt(token)) return found.token;
    if (await online.writeState(view, bytes, encodeServingState({ ...found, token: BigInt(token) })))
      return BigInt(token);
  }
}
