// Many small objects, a few of them at the same time.

const READ_AT_ONCE = 16;

/** In the order of `items`. Who stops asking has at most so many read in vain. */
export async function* readEach<T, R>(
  items: readonly T[],
  read: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  for (let from = 0; from < items.length; from += READ_AT_ONCE)
    yield* await Promise.all(items.slice(from, from + READ_AT_ONCE).map(read));
}
