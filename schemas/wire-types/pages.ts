// Lists in pages.

/** Lists are given in pages: `?limit=` (1 to 1000, default 100) and `?cursor=`, the `next` of the page before. */
export interface Page {
  /** null on the last page. */
  readonly next: string | null;
}
