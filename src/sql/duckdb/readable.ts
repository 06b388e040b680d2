import { type DataType, shapeOf } from '../../../schemas/types.ts';
import { ident, text } from './names.ts';

/** Instants as BIGINT microseconds, which arrive as bigint. */
export function readable(sql: string, type: DataType): string {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return scalar(sql, shape.type);
    case 'map': {
      const entry = "lambda item: {'key': item.key, 'value': epoch_us(item.value)}";
      return shape.value === 'timestamp' ? `map_from_entries(list_transform(map_entries(${sql}), ${entry}))` : sql;
    }
    case 'struct': {
      if (!shape.fields.some((field) => field.type === 'timestamp')) return sql;
      const fields = shape.fields.map(({ name, type: ofField }) => {
        return `${text(name)}: ${scalar(`(${sql}).${ident(name)}`, ofField)}`;
      });
      return `CASE WHEN ${sql} IS NOT NULL THEN {${fields.join(', ')}} END`;
    }
    default:
      return shape.element === 'timestamp' ? `list_transform(${sql}, lambda item: epoch_us(item))` : sql;
  }
}

const scalar = (sql: string, type: DataType): string => (type === 'timestamp' ? `epoch_us(${sql})` : sql);
