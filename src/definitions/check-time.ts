// Time columns of sources: declared, of a type that holds instants, with a unit where that is a number.
import type { DataType } from '../../schemas/types.ts';
import type { TimestampUnit } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';

interface TimeColumn {
  readonly column: string;
  readonly key: 'timestampColumn' | 'createdTimestampColumn';
  readonly unitKey: 'timestampUnit' | 'createdTimestampUnit';
  readonly unit: TimestampUnit | null;
}

const NUMBER_TYPES: readonly DataType[] = ['int64', 'int32', 'float64'];

export function checkTime(
  time: TimeColumn,
  columns: ReadonlyMap<string, DataType>,
  place: Place,
  mistakes: Mistakes,
): void {
  const type = columns.get(time.column);
  if (type === undefined) {
    const names = [...columns.keys()];
    mistakes.add(at(place, time.key), show(time.column), `a column: ${oneOf(names)}`, nearestName(time.column, names));
  } else if (type === 'timestamp') {
    if (time.unit !== null)
      mistakes.add(at(place, time.unitKey), show(time.unit), `no unit, because column ${time.column} is a timestamp`);
  } else if (!NUMBER_TYPES.includes(type)) {
    mistakes.add(
      at(place, time.key),
      `column ${time.column} of type ${type}`,
      `a timestamp, or int64, int32 or float64 with ${time.unitKey}`,
    );
  } else if (time.unit === null) {
    mistakes.add(at(place, time.unitKey), 'nothing', `s, ms or us, because column ${time.column} is ${type}`);
  }
}
