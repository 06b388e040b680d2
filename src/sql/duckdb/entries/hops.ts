// The partials of keys with many rows: of each hop what the slots hold. Slots of one grid of hops, and of one `by`, are one
// GROUP BY.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { EntriesNode, PlannedSlot } from '../../../plan/entries-node.ts';
import { failureFlag, inputType, whereFlag } from '../../rows.ts';
import { ands, commas, type Step } from '../../script.ts';
import type { HopsSelect } from '../../strategies.ts';
import { HOP, hopOf, partialColumns } from '../aggregates/partials.ts';
import { table } from '../steps.ts';

export interface HopGroup extends Pick<HopsSelect, 'slots'> {
  /** Of its table. */
  readonly name: string;
  readonly step: Step;
}

export function hopGroups(node: EntriesNode): readonly HopGroup[] {
  const slots = node.slots.map((slot, index) => ({ ...slot, index }));
  const groups = Map.groupBy(slots, ({ hopMicros, by }) => `${hopMicros} ${by}`);
  return [...groups.values()].map((group, i) => hopGroup(node, `e_hops${i}`, group));
}

type Indexed = PlannedSlot & { readonly index: number };

function hopGroup(node: EntriesNode, name: string, group: readonly Indexed[]): HopGroup {
  const { hopMicros, by } = group[0] as Indexed;
  const columns = group.map((slot) => slotColumns(node, slot));
  const items = columns.flatMap((sql, i) => sql.map((item, j) => `${item} AS p${i}_${j}`));
  const keys = ['kid', HOP, ...(by === null ? [] : [by])];
  const hop = hopMicros === null ? 'CAST(0 AS BIGINT)' : hopOf(hopMicros);
  const select = `SELECT ${commas(['kid', HOP, ...items])}\nFROM (SELECT *, ${hop} AS ${HOP} FROM e_heavy)\nGROUP BY ${commas(keys)}\nORDER BY kid`;
  return {
    name,
    slots: group.map(({ index, input }, i) => ({
      ...{ slot: index, columns: (columns[i] ?? []).length, type: inputType(node.rows, input) },
    })),
    step: table(name, 'partials of keys with many rows', select),
  };
}

/** As `Family.load` takes them: a `by` stands between the hop that failed and the rest. */
function slotColumns(node: EntriesNode, slot: PlannedSlot): readonly string[] {
  const { rows } = node;
  const { family, input, by, n, hopMicros } = slot;
  const failed = failedSql(node, slot);
  const conditions = conditionsOf(slot);
  const value = input ?? (conditions.length === 0 ? '*' : 'true');
  const x = conditions.length === 0 ? value : `CASE WHEN ${ands(conditions)} THEN ${value} END`;
  const [failedHop, ...columns] = partialColumns(
    family,
    { x, type: inputType(rows, input), n, source: rows.scan.source },
    failed,
  );
  if (failedHop === undefined) throw new PlumbError('INTERNAL', 'a partial must have a column of its failed hop');
  // Without hops it is an event time.
  const first = failed !== null && hopMicros === null ? `max(ts) FILTER (WHERE ${failed})` : failedHop;
  return by === null ? [first, ...columns] : [first, by, ...columns];
}

const conditionsOf = ({ where, by }: PlannedSlot): readonly string[] => [
  ...(where === null ? [] : [`coalesce(${where}, false)`]),
  ...(by === null ? [] : [`${by} IS NOT NULL`]),
];

/** A `where` that is not true comes first, then a `by` that is null: what else would fail does not. Null: nothing can. */
function failedSql({ rows }: EntriesNode, { input, where, by }: PlannedSlot): string | null {
  const flagOf = (id: string | null): string | null => {
    const found = rows.inputs.find((one) => one.id === id);
    return found === undefined ? null : failureFlag(rows, found);
  };
  const passes = where === null ? [] : [`coalesce(${where}, false)`];
  const keyed = by === null ? passes : [...passes, `${by} IS NOT NULL`];
  const failures: readonly (readonly [conditions: readonly string[], flag: string | null])[] = [
    [[], whereFlag(rows)],
    [[], flagOf(where)],
    [passes, flagOf(by)],
    [keyed, flagOf(input)],
  ];
  const terms = failures.flatMap(([conditions, flag]) => (flag === null ? [] : [`(${ands([...conditions, flag])})`]));
  return terms.length === 0 ? null : `(${terms.join(' OR ')})`;
}
