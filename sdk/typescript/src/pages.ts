// Lists that the server gives in pages.
import type { Page } from '../../../schemas/wire-types.ts';
import { expectShape } from './expect.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';

/** Pages are fetched as the loop reaches them; a loop that ends early fetches no more. */
export interface Paged<T> extends AsyncIterable<T> {
  /** Everything at once. */
  all(): Promise<T[]>;
}

export interface ListOptions extends CallOptions {
  /** Items of one page, 1 to 1000. Default: the server's. */
  readonly pageSize?: number | undefined;
}

type ItemOf<L> = L extends readonly (infer T)[] ? T : never;

/** `P`: the page at `path`; `field`: the list in it. */
export function paged<P extends Page, F extends string & keyof P>(
  transport: Transport,
  path: string,
  field: F,
  options: ListOptions,
): Paged<ItemOf<P[F]>> {
  type T = ItemOf<P[F]>;
  const items = (): AsyncGenerator<T> => itemsOf<T>(transport, path, field, options);
  return {
    [Symbol.asyncIterator]: items,
    async all() {
      const found: T[] = [];
      for await (const item of items()) found.push(item);
      return found;
    },
  };
}

async function* itemsOf<T>(
  transport: Transport,
  path: string,
  field: string,
  { pageSize, ...options }: ListOptions,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const query = { limit: pageSize, cursor };
    const answer = await transport.json({ ...options, method: 'GET', path, query, retry: 'safe' });
    const page = expectShape<Page & Readonly<Record<string, readonly T[]>>>(`GET ${path}`, answer, {
      [field]: 'array',
    });
    yield* page[field] ?? [];
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}
