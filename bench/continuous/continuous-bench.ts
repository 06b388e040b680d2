// Continuous aggregate views: lookups and fills beside a scheduled view of the same features, the bytes of entries beside the
// events themselves, and training sets of features that choose their own rows beside a hand-written query.
import type { Options } from '../options.ts';
import type { Bench } from '../results.ts';
import { lookups } from './continuous-lookups.ts';
import { entryBytes } from './entry-bytes.ts';
import { entryFill } from './entry-fill.ts';
import { type Part, tableOf } from './figure.ts';
import { ownRows } from './own-rows.ts';

const PARTS: Readonly<Record<string, (options: Options) => Promise<Part>>> = {
  lookups,
  bytes: entryBytes,
  fill: entryFill,
  training: ownRows,
};

export async function continuousBench(options: Options): Promise<Bench> {
  const parts: Record<string, Part> = {};
  for (const name of options.cases ?? Object.keys(PARTS)) {
    const measure = PARTS[name];
    if (measure === undefined) throw new Error(`--cases: found ${name}, expected ${Object.keys(PARTS).join(', ')}`);
    parts[name] = await measure(options);
  }
  const name = ['continuous', ...(options.store === 'lmdb' ? [] : [options.store]), ...(options.cases ?? [])].join('-');
  const raw = Object.fromEntries(Object.entries(parts).map(([part, measured]) => [part, measured.raw]));
  return { name, table: tableOf(Object.values(parts).flatMap(({ figures }) => figures)), raw };
}
