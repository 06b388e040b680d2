// Which ready rows of the floor answer a request. Imports nothing: the floor is a bare server.

/** The join key of views whose key is not `user_id`. */
export const KEY_OF: Readonly<Record<string, string>> = { items: 'item_id' };

/** Services of several views; any other service is one view of its name. */
const VIEWS_OF: Readonly<Record<string, readonly string[]>> = { ranking: ['mixed', 'items'] };

export const viewsOf = (service: string): readonly string[] => VIEWS_OF[service] ?? [service];

export interface FloorQuery {
  readonly service: string;
  readonly entities: readonly Readonly<Record<string, number>>[];
}

/** Distinct keys to read; and for each row of the answer the places of its parts among them. */
export function floorKeys({ service, entities }: FloorQuery): {
  readonly keys: readonly string[];
  readonly places: readonly number[];
} {
  const places: number[] = [];
  const found = new Map<string, number>();
  const views = viewsOf(service).map((view) => ({ view, joinKey: KEY_OF[view] ?? 'user_id' }));
  for (const entity of entities) {
    for (const { view, joinKey } of views) {
      const key = `${view}:${entity[joinKey]}`;
      const place = found.get(key) ?? found.size;
      if (place === found.size) found.set(key, place);
      places.push(place);
    }
  }
  return { keys: [...found.keys()], places };
}
