// A feature view and a grid of instants → the plan of the keys that it has at each of them: labels without a file.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { formatInstant } from '../instant.ts';
import type { GridNode, KeysNode, Labels } from './nodes.ts';
import { frozen } from './nodes.ts';
import { planView } from './plan-view.ts';

/** Query times: `from`, `from + every`, … before `to`. */
export interface Grid {
  readonly fromMicros: bigint;
  /** Not included. */
  readonly toMicros: bigint;
  readonly everyMicros: bigint;
}

/** One instant. */
export const gridAt = (micros: bigint): Grid => ({ fromMicros: micros, toMicros: micros + 1n, everyMicros: 1n });

export const isOneInstant = ({ fromMicros, toMicros, everyMicros }: Grid): boolean =>
  toMicros - fromMicros <= everyMicros;

export const MOST_INSTANTS = 100_000;

export function planKeys(catalog: Catalog, view: FeatureView, grid: Grid, timestampColumn: string): KeysNode {
  requireInstants(grid);
  const at: GridNode = { kind: 'grid', refresh: view.refresh, ...grid };
  return frozen({
    kind: 'keys',
    view: view.name,
    values: planView(catalog, view, at, null),
    timestampColumn,
  });
}

/** INVALID_REQUEST unless the keys of the view are all that the labels of a training set need, or for a label view. */
export function requireKeysOf(view: FeatureView, { keys, timestampColumn }: Labels, service: string): void {
  if (view.kind === 'label') {
    const message = `found the label view ${view.name}, expected a view that looks back: which keys a label has is only known after the instant`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { view: view.name } });
  }
  const has = view.joinKeys.map(({ name, type }) => `${name} ${type}`);
  const lacks = keys.find(({ column, type }) => !has.includes(`${column} ${type}`));
  if (lacks !== undefined) {
    const message = `service ${service} reads the key ${lacks.column} (${lacks.type}), but the keys of view ${view.name} are ${has.join(', ')}; give the labels as a file`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { view: view.name, key: lacks.column } });
  }
  if (view.joinKeys.some(({ name }) => name === timestampColumn)) {
    const message = `found the timestamp column ${timestampColumn}, which is a key of view ${view.name}; expected another name`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { timestampColumn } });
  }
}

function requireInstants({ fromMicros, toMicros, everyMicros }: Grid): void {
  if (toMicros <= fromMicros) {
    const message = `found a grid from ${formatInstant(fromMicros)} to ${formatInstant(toMicros)}, expected it to end after it begins`;
    throw new PlumbError('INVALID_REQUEST', message);
  }
  const instants = (toMicros - fromMicros + everyMicros - 1n) / everyMicros;
  if (instants <= BigInt(MOST_INSTANTS)) return;
  throw new PlumbError('INVALID_REQUEST', `found a grid of ${instants} instants, expected at most ${MOST_INSTANTS}`, {
    details: { instants: `${instants}`, limit: MOST_INSTANTS },
  });
}
