// Continuous views over a stream → what a stream processor keeps up to date, and how it learns what events mean for them.
import type { Catalog, ServableView } from '../../catalog/catalog.ts';
import type { EventCompute } from '../../ingest/processor/partition-processor.ts';
import { continuousTarget, rowTarget, type StreamTarget } from '../../ingest/processor/stream-target.ts';
import type { EventEngine } from '../../offline/event-engine.ts';
import { type EntityKeyEncoder, encoderFor } from '../../online/entity-key.ts';
import { entryOfView } from '../../online/entry/view-entry.ts';
import type { FieldName } from '../../online/row-selection.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { planEntryRows } from '../../plan/plan-entries.ts';

export interface ViewStream {
  readonly target: StreamTarget;
  readonly plan: RowsNode;
  readonly keys: EntityKeyEncoder;
}

/** `field`: of the generation that is kept up to date. `mostBytes`: of an entry. */
export function viewStream(catalog: Catalog, view: ServableView, field: FieldName, mostBytes: number): ViewStream {
  const definition = entryOfView(view);
  return {
    target:
      view.kind === 'row' ? rowTarget(field, definition, mostBytes) : continuousTarget(field, definition, mostBytes),
    plan: planEntryRows(catalog, view, definition.inputs),
    keys: encoderFor(view.entities, view.joinKeys),
  };
}

/** `partition`: that the events are of. */
export function streamCompute(engine: EventEngine, streams: readonly ViewStream[], partition: number): EventCompute {
  const byTarget = new Map(streams.map((stream) => [stream.target, stream]));
  return {
    async rowsOf(events, targets) {
      const asked = targets.map((target) => byTarget.get(target) as ViewStream);
      const texts = events.map(({ offset, appendMicros, text }) => ({
        ...{ offset, appendMicros, text: Buffer.from(text).toString() },
      }));
      const found = await engine.rowsOf(
        texts,
        asked.map(({ plan }) => plan),
      );
      return asked.map(({ keys }, i) =>
        (found[i] ?? []).map(({ keys: values, offset, createdMicros, eventMicros, failed, cells }) => ({
          ...{ entity: keys.encode(values), offset, appendMicros: createdMicros },
          row: { eventMicros, createdMicros, position: { partition, offset }, by: null, failed, cells },
        })),
      );
    },
  };
}
