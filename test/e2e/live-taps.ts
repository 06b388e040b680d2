// A project with a view over pushed events, and how tests push them and look them up.
import { randomUUID } from 'node:crypto';
import type { RunningServe } from './project.ts';

export const TAPS = `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { id: string, user_id: int64, ts: timestamp, cents: int64 }
featureViews:
  - name: spent
    kind: aggregate
    entities: [user]
    source: taps
    features: [{ name: taps, aggregate: count, window: 7d }, { name: cents, aggregate: sum, column: cents, window: unbounded }]
featureServices:
  - { name: all, features: ["spent:*"] }
`;

export interface Tap {
  readonly id: string;
  readonly user_id: number;
  readonly ts: string;
  readonly cents: number;
}

export const tap = (cents: number, user = 7): Tap => ({
  ...{ id: randomUUID(), user_id: user, cents },
  ts: new Date(Date.now() - 1000).toISOString(),
});

/** null where the server does not answer, or refuses. */
export async function post<T>(url: string, body: unknown): Promise<T | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}

export const pushTaps = ({ url }: Pick<RunningServe, 'url'>, events: readonly Tap[]) =>
  post<{ readonly accepted: number; readonly duplicates: number }>(`${url}/v1/sources/taps/events`, { events });

/** Rows of these users; null where they cannot be looked up. */
export const servedTaps = async ({ url }: Pick<RunningServe, 'url'>, users: readonly number[] = [7]) => {
  const entities = users.map((user) => ({ user_id: user }));
  return (
    (await post<{ readonly rows: unknown }>(`${url}/v1/online-features`, { service: 'all', entities }))?.rows ?? null
  );
};
