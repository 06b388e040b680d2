// All shares of a view over grouped rows: one SELECT, which joins the shares where there are several.
import type { WindowsNode } from '../../../plan/nodes.ts';
import { commas } from '../../script.ts';
import { type Grouping, groupedSelect } from './grouped.ts';
import { wholeSelect } from './maps.ts';
import { type Share, sharesOf } from './shares.ts';

/** One SELECT of the groups, row_ts, v0…, i0…; `e`: the instant, in SQL: a column, or a constant. */
export function groupedShares(node: WindowsNode, e: string, grouping: Grouping): string {
  const shares = sharesOf(node);
  if (!hasMaps(shares)) return groupedSelect(node, e, grouping);
  const { groupBy, from } = grouping;
  const selects = shares.map((share) => {
    const keys = share.key === null ? groupBy : [...groupBy, share.key];
    const values = groupedSelect(share.node, e, { groupBy: keys, from });
    return wholeSelect(share, `(\n${values}\n)`, { groupBy, rowTs: true });
  });
  return selects.length === 1 ? (selects[0] as string) : joined(selects, groupBy);
}

/** Every share has every group. */
function joined(selects: readonly string[], groupBy: readonly string[]): string {
  const others = selects.slice(1).map((_, i) => `s${i + 1}.* EXCLUDE (${commas([...groupBy, 'row_ts'])})`);
  const joins = selects.slice(1).map((select, i) => `JOIN (\n${select}\n) s${i + 1} USING (${commas(groupBy)})`);
  return `SELECT ${commas(['s0.*', ...others])}\nFROM (\n${selects[0]}\n) s0\n${joins.join('\n')}`;
}

export const hasMaps = (shares: readonly Share[]): boolean => shares.some(({ key }) => key !== null);
