// What is to be done for the streams of a project, by its definitions and what the online store says: which generations follow
// which source, and which are to be filled first.
import type { Catalog, ServableView } from '../../catalog/catalog.ts';
import type { PartitionState } from '../../ingest/event-log.ts';
import { fieldName, type LiveGeneration } from '../../online/serving-state.ts';
import type { StreamedView } from './stream-generation.ts';
import { streamedViews } from './streamed-views.ts';
import type { TailedGeneration } from './tail-source.ts';
import { isBegun, isReachable, type Standing, type StatePorts, standingOf } from './view-stream-states.ts';
import { viewStream } from './view-streams.ts';

export interface LookPorts extends StatePorts {
  /** With the keys that were erased. */
  catalog(): Promise<Catalog>;
  version(version: number): Promise<Catalog>;
  /** Of an entry. */
  readonly mostEntryBytes: number;
  readonly logger: { warn(context: object, message: string): void };
}

export interface ToFill extends TailedGeneration {
  readonly source: string;
  readonly generation: LiveGeneration;
  readonly catalog: Catalog;
  readonly definition: ServableView;
  readonly partitions: readonly PartitionState[];
}

export interface Look {
  readonly catalog: Catalog;
  /** Names of all views that a stream feeds. */
  readonly views: readonly string[];
  readonly sources: readonly { readonly source: string; readonly generations: readonly TailedGeneration[] }[];
  readonly toFill: readonly ToFill[];
}

export async function look(ports: LookPorts): Promise<Look> {
  const catalog = await ports.catalog();
  const views = streamedViews(catalog);
  const tailed: (TailedGeneration & { readonly source: string })[] = [];
  const toFill: ToFill[] = [];
  for (const view of views) {
    const standing = await standingOf(ports, { view, version: catalog.version });
    tailed.push(...(await servedOf(ports, view.name, standing)));
    const filling = await fillingOf(ports, { view, version: catalog.version }, standing);
    if (filling === null) continue;
    if (isBegun(standing.filling?.progress ?? []) && isReachable(standing.filling?.progress ?? []))
      tailed.push(filling);
    else toFill.push(filling);
  }
  const sources = [...Map.groupBy(tailed, ({ source }) => source)].map(([source, generations]) => ({
    source,
    generations,
  }));
  return { catalog, views: views.map(({ name }) => name), sources, toFill };
}

/** The live generation, and those that are held beside it. */
async function servedOf(ports: LookPorts, view: string, { state, live }: Standing) {
  const held = (state.bound ?? []).filter(({ isHeld, stream }) => isHeld === true && stream !== undefined);
  const served = state.live !== null && live.length > 0 && isReachable(live) ? [state.live, ...held] : held;
  const found = await Promise.all(served.map((generation) => tailedBy(ports, view, generation)));
  return found.filter((one) => one !== null);
}

async function fillingOf(ports: LookPorts, { view }: StreamedView, { filling }: Standing): Promise<ToFill | null> {
  if (filling === null) return null;
  const { generation, progress } = filling;
  const tailed = await tailedBy(ports, view.name, generation);
  if (tailed === null) return null;
  return { ...tailed, isFilling: true, generation, partitions: progress.map(({ partition }) => partition) };
}

/** By the definition that it was begun with; null where that is not registered any more. */
async function tailedBy(ports: LookPorts, view: string, generation: LiveGeneration) {
  const { stream, fingerprint, id } = generation;
  if (stream === undefined) return null;
  const current = await ports.catalog();
  const registered = stream.version === current.version ? current : await ports.version(stream.version);
  const definition = registered.views.get(view);
  if (definition === undefined || definition.fingerprint !== fingerprint || definition.kind === 'label') {
    ports.logger.warn(
      { view, version: stream.version },
      `generation ${id} of ${view} is not kept up to date: its definition is lost`,
    );
    return null;
  }
  const { erasures } = current;
  const catalog = erasures === undefined ? registered : { ...registered, erasures };
  return {
    ...{ view, source: stream.source, isFilling: false, catalog, definition },
    stream: viewStream(catalog, definition, fieldName(view, id), ports.mostEntryBytes),
  };
}
