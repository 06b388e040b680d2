// What tests of fail-overs share: rows of many slots, waiting with a deadline, and what an error must say.
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import type { OnlineStore } from '../../../src/online/online-store.ts';
import { textOf } from '../../contract/online-store/reading.ts';

export const FIELD = 'v@1';
export const VIEW = 'v';
export const keysOf = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_value, index) => Buffer.from(`key${index}`));
export const rowsFor = (keys: readonly Buffer[], text: string) =>
  keys.map((entity) => ({ entity, row: Buffer.from(text) }));

export const fails = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PlumbError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return true;
};

/** The text of each key's row. */
export async function textsOf(store: OnlineStore, keys: readonly Buffer[]): Promise<readonly (string | null)[]> {
  const { rows } = await store.read([{ entities: keys, fields: [FIELD] }], [VIEW]);
  return (rows[0] ?? []).map(([row]) => textOf(row));
}

/** Claims the view, writes rows of one token and goes live, as a run does. Tokens are numbers from 1. */
export async function run(store: OnlineStore, keys: readonly Buffer[], token: number): Promise<void> {
  const [before = null] = (await store.read([], [VIEW])).states;
  assert.equal(await store.writeState(VIEW, before, Buffer.from(`claim ${token}`)), true);
  const { written } = await store.writeRows(FIELD, BigInt(token), rowsFor(keys, `${token}`));
  assert.equal(written, keys.length);
  assert.equal(await store.writeState(VIEW, Buffer.from(`claim ${token}`), Buffer.from(`live ${token}`)), true);
}

/** Goes on in the background until it is stopped; then tells what it threw. */
export function inBackground(step: () => Promise<void>): { stop(): Promise<void> } {
  let isRunning = true;
  const loop = (async () => {
    while (isRunning) {
      await step();
      await new Promise(setImmediate);
    }
  })();
  loop.catch(() => undefined);
  return {
    stop: async () => {
      isRunning = false;
      await loop;
    },
  };
}
