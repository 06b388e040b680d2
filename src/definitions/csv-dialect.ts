// What a source declares of its CSV files.
import type { BatchSourceDefinition } from '../../schemas/sources.ts';
import { type CsvDialect, DEFAULT_DIALECT } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';

const KEYS = ['delimiter', 'nullValues', 'header'] as const;

/** Nothing where nothing is declared, so that fingerprints of such sources stay. */
export function csvDialect(value: BatchSourceDefinition): { readonly csv?: CsvDialect } {
  if (value.format !== 'csv' || KEYS.every((key) => value[key] === undefined)) return {};
  const { delimiter = DEFAULT_DIALECT.delimiter, nullValues = DEFAULT_DIALECT.nullValues, header = true } = value;
  return {
    csv: { delimiter, nullValues, header: header === false ? Object.keys(value.columns ?? {}) : header },
  };
}

export function checkDialect(value: BatchSourceDefinition, place: Place, mistakes: Mistakes): void {
  for (const key of KEYS) {
    if (value[key] !== undefined && value.format !== 'csv')
      mistakes.add(at(place, key), show(value[key]), `no ${key}, because the format is ${value.format}`);
  }
  const numbered = Object.keys(value.columns ?? {}).find((name) => /^(0|[1-9][0-9]*)$/.test(name));
  if (value.header === false && numbered !== undefined)
    mistakes.add(
      at(place, 'header'),
      `false, with a column named ${show(numbered)}`,
      'the list of all names in order: columns whose names are numbers have no order',
    );
  const { delimiter = ',', nullValues = [] } = value;
  for (const [i, text] of nullValues.entries()) {
    if (text.includes(delimiter))
      mistakes.add(at(place, 'nullValues', i), show(text), `a text without the delimiter ${show(delimiter)}`);
  }
}
