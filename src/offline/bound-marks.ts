// `bound/<name>/<version, 8 digits>.json`: a training set whose features are served as it has them, whatever is defined now.
// In a folder of their own, because every run of a view lists them.
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { jsonOrNull } from '../json-or-null.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';

export const BOUND_PREFIX = 'bound/';

export interface BoundMark {
  readonly name: string;
  readonly version: number;
  /** What was learned: this service, by this registered version. */
  readonly service: string;
  readonly registryVersion: number;
  /** RFC 3339. */
  readonly boundAt: string;
}

const contract = z.object({
  format: z.literal(1),
  service: z.string(),
  registryVersion: z.int().positive(),
  boundAt: z.string(),
});

const KEY = /^bound\/([^/]+)\/(\d{8,})\.json$/;

export const boundKey = (name: string, version: number): string =>
  `${BOUND_PREFIX}${name}/${version.toString().padStart(8, '0')}.json`;

export const setName = ({ name, version }: Pick<BoundMark, 'name' | 'version'>): string => `${name}@${version}`;

type MarkStore = Pick<ObjectStore, 'get' | 'list'>;

/** By name, then version. STORAGE_CORRUPT for one that cannot be read: nobody knows what it needs. */
export async function boundMarks(store: MarkStore): Promise<readonly BoundMark[]> {
  const keys = (await store.list(BOUND_PREFIX)).map(({ key }) => key).filter((key) => KEY.test(key));
  const marks = await Array.fromAsync(readEach(keys.toSorted(), (key) => readMark(store, key)));
  return marks.filter((mark) => mark !== null);
}

export const boundMark = (store: Pick<ObjectStore, 'get'>, name: string, version: number): Promise<BoundMark | null> =>
  readMark(store, boundKey(name, version));

/** null where it is gone meanwhile. */
async function readMark(store: Pick<ObjectStore, 'get'>, key: string): Promise<BoundMark | null> {
  const content = await store.get(key);
  if (content === null) return null;
  const [, name = '', digits = ''] = KEY.exec(key) ?? [];
  const parsed = contract.safeParse(jsonOrNull(content));
  if (parsed.success) {
    const { format: _, ...mark } = parsed.data;
    return { name, version: Number(digits), ...mark };
  }
  const set = setName({ name, version: Number(digits) });
  const message = `the stored object ${key} is damaged: it does not say what the bound training set ${set} needs; run \`plumb dataset retire ${set}\`, and \`plumb dataset bind ${set}\` where it is still needed`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { key } });
}

export const markContent = ({ service, registryVersion, boundAt }: Omit<BoundMark, 'name' | 'version'>): Uint8Array =>
  Buffer.from(`${JSON.stringify({ format: 1, service, registryVersion, boundAt })}\n`);
