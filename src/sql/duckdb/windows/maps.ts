// The values of a share, by key of its maps or not → columns of the whole view.
import { MOST_KEYS } from '../../../aggregate/by-key.ts';
import { canBeInvalid } from '../../../plan/nodes.ts';
import { commas } from '../../script.ts';
import { duckdbDialect } from '../dialect.ts';
import { listByRank, sortedList } from '../ordered-list.ts';
import type { Member, Share } from './shares.ts';

/** SELECT of `groupBy`, `v<index>` and `i<index>` over a share's own columns. `rowTs`: whether they have `row_ts`, which is kept. */
export function wholeSelect(
  share: Share,
  from: string,
  { groupBy, rowTs }: { readonly groupBy: readonly string[]; readonly rowTs: boolean },
): string {
  const { key, members } = share;
  if (key === null) {
    const columns = members.flatMap((member) => renamed(share, member));
    return `SELECT ${commas([...groupBy, ...(rowTs ? ['row_ts'] : []), ...columns])}\nFROM ${from}`;
  }
  const columns = members.flatMap((member) => mapColumns(share, key, member));
  const last = rowTs ? ['max(row_ts) AS row_ts'] : [];
  const ranks = members.filter(isRanked).map((member) => `${rankOf(key, member, groupBy)} AS rank${member.index}`);
  const ranked = ranks.length === 0 ? from : `(\nSELECT *, ${commas(ranks)}\nFROM ${from}\n)`;
  return `SELECT ${commas([...groupBy, ...last, ...columns])}\nFROM ${ranked}\nGROUP BY ${commas(groupBy)}`;
}

const topOf = ({ feature }: Member): number | null => feature.by?.top ?? null;
const isRanked = (member: Member): boolean => topOf(member) !== null;

/** Rows that are in the map. */
const presence = (key: string, { countAt }: Member): string => `${key} IS NOT NULL AND v${countAt} > 0`;

/** Of the entries of a map, from 1 on: the greatest value first, null last, equal ones by their keys. */
const rankOf = (key: string, member: Member, groupBy: readonly string[]): string =>
  `row_number() OVER (PARTITION BY ${commas(groupBy)} ORDER BY ${presence(key, member)} DESC NULLS LAST, v${member.at} DESC NULLS LAST, ${key})`;

/** Of what a share has for one key: by its feature's own rules, those of maps aside. */
const canFail = ({ node }: Share, { at }: Member): boolean => {
  const feature = node.features[at];
  return feature !== undefined && canBeInvalid({ ...node, features: [feature] }, feature.name);
};

const renamed = (share: Share, member: Member): readonly string[] => [
  `v${member.at} AS v${member.index}`,
  ...(canFail(share, member) ? [`i${member.at} AS i${member.index}`] : []),
];

function mapColumns(share: Share, key: string, member: Member): readonly string[] {
  const { feature, at, index } = member;
  const { type, by } = feature;
  const top = topOf(member);
  const present = `FILTER (WHERE ${presence(key, member)})`;
  const greatest = `FILTER (WHERE ${presence(key, member)} AND rank${index} <= ${top})`;
  const item = by?.asKeys === true ? key : `{'key': ${key}, 'value': v${at}}`;
  // Keys are distinct, so entries sort by them alone.
  const kept = top === null ? sortedList(item, present) : listByRank(item, `rank${index}`, greatest);
  const made = by?.asKeys === true ? kept : `map_from_entries(${kept})`;
  const value = `coalesce(${made}, ${duckdbDialect.literal([], type)})`;
  const invalid = [
    ...(canFail(share, member) ? [`bool_or(i${at})`] : []),
    ...(top === null ? [`count(*) ${present} > ${MOST_KEYS}`] : []),
  ].join(' OR ');
  return invalid === ''
    ? [`${value} AS v${index}`]
    : [`CASE WHEN NOT (${invalid}) THEN ${value} END AS v${index}`, `(${invalid}) AS i${index}`];
}
