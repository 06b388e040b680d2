// Lists in an order. DuckDB's own `list(… ORDER BY …)` takes some 30 kB for each group however short its list is, beyond all limits where
// there are many groups; a plain list that is sorted afterwards takes what it holds.

/** `item` by ascending `rank`, both of each row; null without rows. `filter`: an aggregate's, or empty. */
export const listByRank = (item: string, rank: string, filter = ''): string =>
  `list_transform(${sortedList(`{'rank': ${rank}, 'item': ${item}}`, filter)}, lambda one: one.item)`;

/** The items in their own order, ascending; null without rows. */
export const sortedList = (item: string, filter = ''): string =>
  `list_sort(list(${item})${filter === '' ? '' : ` ${filter}`})`;
