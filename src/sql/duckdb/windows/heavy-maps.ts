// Maps of heavy keys: each key of a map is a key of its own, over sorted rows (framed.ts), asked at the instants at which the
// widest window can hold a row of it; what comes out is put together by instant.
import type { WindowsNode } from '../../../plan/nodes.ts';
import type { Step } from '../../script.ts';
import { ands } from '../../script.ts';
import { spanMeetsWindows } from '../../visible-rows.ts';
import { table, view } from '../steps.ts';
import { framedSteps } from './framed.ts';
import { hasMaps } from './grouped-shares.ts';
import { wholeSelect } from './maps.ts';
import { type Share, sharesOf } from './shares.ts';

/** The last makes `<p>_framed`: v<index> and i<index> of the instants of heavy keys, by qid. Null for an instant without rows. */
export function heavySteps(node: WindowsNode, p: string): readonly Step[] {
  const shares = sharesOf(node);
  if (!hasMaps(shares)) return framedSteps(node, p);
  const prefixOf = (i: number): string => `${p}_share${i}`;
  const steps = shares.flatMap((share, i) =>
    share.key === null ? plainSteps(share, p, prefixOf(i)) : heavyMapSteps(share, share.key, p, prefixOf(i)),
  );
  const joins = shares.map((_, i) => `LEFT JOIN ${prefixOf(i)}_whole USING (qid)`);
  const from = `(SELECT qid FROM ${p}_queries SEMI JOIN ${p}_heavy USING (kid))`;
  return [
    ...steps,
    table(`${p}_framed`, 'aggregates and maps of heavy keys', `SELECT * FROM ${from}\n${joins.join('\n')}`),
  ];
}

/** With tables of its own for the queries, rows and keys, which are those of the whole. */
function plainSteps(share: Share, p: string, prefix: string): readonly Step[] {
  const same = ['queries', 'rows', 'heavy'].map((name) =>
    view(`${prefix}_${name}`, `those of the view`, `SELECT * FROM ${p}_${name}`),
  );
  const whole = wholeSelect(share, `${prefix}_framed`, { groupBy: ['qid'], rowTs: false });
  return [...same, ...framedSteps(share.node, prefix), view(`${prefix}_whole`, 'under their own numbers', whole)];
}

/** The last makes `<prefix>_whole`, by `qid` of `<p>_queries`. Rows without a key stay: one that failed makes a map INVALID. */
function heavyMapSteps(share: Share, key: string, p: string, prefix: string): readonly Step[] {
  const { node } = share;
  const from = `(\nSELECT q.owner AS qid, k.${key}, f.* EXCLUDE (qid) FROM ${prefix}_framed f JOIN ${prefix}_queries q USING (qid) JOIN ${prefix}_keys k USING (kid)\n)`;
  return [
    table(
      `${prefix}_keys`,
      'keys of maps of heavy keys, numbered',
      `SELECT row_number() OVER () AS kid, * FROM (SELECT kid AS owner, ${key}, min(ts) AS first_ts, max(ts) AS last_ts FROM ${p}_rows SEMI JOIN ${p}_heavy USING (kid) GROUP BY kid, ${key})`,
    ),
    table(`${prefix}_heavy`, 'all of them', `SELECT kid FROM ${prefix}_keys`),
    table(
      `${prefix}_rows`,
      'their rows',
      `SELECT r.* EXCLUDE (kid), k.kid FROM ${p}_rows r JOIN ${prefix}_keys k ON k.owner = r.kid AND k.${key} IS NOT DISTINCT FROM r.${key}`,
    ),
    queries(node, p, prefix),
    ...framedSteps(node, prefix),
    table(`${prefix}_whole`, 'maps of heavy keys', wholeSelect(share, from, { groupBy: ['qid'], rowTs: false })),
  ];
}

const queries = (node: WindowsNode, p: string, prefix: string): Step =>
  table(
    `${prefix}_queries`,
    'what is asked of each: instants at which a window can hold a row of it',
    `SELECT row_number() OVER () AS qid, q.qid AS owner, k.kid, e FROM ${p}_queries q JOIN ${prefix}_keys k ON k.owner = q.kid\nWHERE ${ands(spanMeetsWindows(node, 'e', { first: 'first_ts', last: 'last_ts' }))}`,
  );
