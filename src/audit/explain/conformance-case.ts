// One value as a conformance case (test/conformance/README.md): the definition, the rows of its key as far as the run had them,
// and what the naive rules say, in training and online. It stands for itself: no file, view or key beside is needed.
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType } from '../../../schemas/types.ts';
import { effectiveMicros, knownMicros } from '../../aggregate/windows.ts';
import { hasEntries } from '../../catalog/look-up.ts';
import { formatInstant } from '../../instant.ts';
import type { JsonObject } from '../../lossless-json.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import { caseValue, withDigits } from './case-value.ts';
import { definitionsFor } from './definitions-for.ts';
import type { Explained } from './explainer.ts';
import { type Instants, naiveValue, visibleRows } from './naive-value.ts';
import type { ServedView } from './served-view.ts';
import { cellOf } from './told.ts';

/** No join key is called so: it has a space. */
const LABEL_INSTANT = 'label instant';

/** INVALID_REQUEST where the key has more rows than were read. */
export function conformanceCase({ served, entry, recomputed, explanation }: Explained): JsonObject {
  const { view, source, live, asked, isCut } = served;
  const type = view.features.find(({ name }) => name === entry.feature)?.type;
  if (type === undefined || isCut) throw notWhole(served, type === undefined);
  const { definitions, service, output } = definitionsFor(served, entry.feature);
  const keys = view.joinKeys.map(({ name, type: keyType }, i) => ({
    name,
    cell: caseValue(keyType, served.key[i] ?? null),
  }));
  const label = labelInstants(served);
  const trained = naiveValue({ ...served, rows: keptRows(served) }, entry.feature, label);
  const expected = trained.status === 'INVALID' ? { error: true } : { rows: [[caseValue(type, trained.value)]] };
  return {
    name: `explained ${view.name} ${entry.feature}`,
    level: hasEntries(view) ? 2 : 1,
    why: `a lookup of ${entry.name} at ${formatInstant(asked.atMicros)} returned ${JSON.stringify(withDigits(explanation.value))} ${explanation.status}`,
    definitions,
    tables: { [source.name]: tableOf(served) },
    service,
    labels: {
      timestampColumn: LABEL_INSTANT,
      columns: [...view.joinKeys.map(({ name, type: keyType }) => [name, keyType]), [LABEL_INSTANT, 'timestamp']],
      rows: [[...keys.map(({ cell }) => cell), formatInstant(label.atMicros)]],
    },
    expected: { columns: [output], ...expected },
    online: [
      {
        until: formatInstant(live.watermarkMicros),
        at: formatInstant(asked.atMicros),
        entities: [Object.fromEntries(keys.map(({ name, cell }) => [name, cell]))],
        rows: [[caseValue(type, recomputed.value)]],
        statuses: [[recomputed.status]],
      },
    ],
  };
}

/** What the run had to read, and rows that it must not count. */
const keptRows = ({ view, rows, ofRun, asked }: ServedView): readonly KeyRow[] => {
  const had = new Set(visibleRows(view, rows, ofRun));
  const later = new Set(visibleRows(view, rows, asked).filter((row) => !had.has(row)));
  return rows.filter((row) => !later.has(row));
};

/** A label that looks at the same e as the run; of a continuous view the lookup's own instant, to which rows age. */
function labelInstants({ view: { refresh }, ofRun, asked }: ServedView): Instants {
  const atMicros = refresh === null ? asked.atMicros : ofRun.knownMicros;
  return {
    atMicros,
    effectiveMicros: effectiveMicros(refresh, atMicros),
    knownMicros: knownMicros(refresh, atMicros),
  };
}

function tableOf(served: ServedView): JsonObject {
  const { columns, source } = served;
  return {
    columns: columns.map((name) => [name, source.columns.get(name) as DataType]),
    rows: keptRows(served).map((row) => columns.map((_, i) => withDigits(cellOf(served, row, { column: i })))),
  };
}

function notWhole({ view, live, rows }: ServedView, isUnknown: boolean): PlumbError {
  const why = isUnknown
    ? `run ${live.run} of ${view.name} does not have the feature yet: run \`plumb materialize ${view.name}\``
    : `its key has more than ${rows.length} rows, and a case holds all of them`;
  return new PlumbError('INVALID_REQUEST', `--save-case: the value cannot be kept, because ${why}`);
}
