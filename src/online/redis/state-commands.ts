// Serving states as commands.
import type { Reply } from './command-batch.ts';
import * as layout from './redis-layout.ts';
import { REMOVE_STATE, WRITE_STATE } from './redis-scripts.ts';
import type { RespWriter } from './resp-writer.ts';

/** One script. It returns 1: written; 0: another state is stored; 2: the next one is stored already. */
export const addStateWriting = (
  out: RespWriter,
  { states }: layout.RedisKeys,
  view: string,
  expected: Uint8Array | null,
  next: Uint8Array,
): RespWriter =>
  out
    .command('EVALSHA', 9)
    .argument(WRITE_STATE.sha)
    .argument('1')
    .argument(states)
    .argument(layout.stateField(view))
    .argument(layout.digestField(view))
    .argument(expected === null ? '0' : '1')
    .argument(expected ?? '')
    .argument(next)
    .argument(layout.digestOf(next));

/** One script. It returns 1: removed; 0: another state is stored; 2: none is stored. */
export const addStateRemoval = (
  out: RespWriter,
  { states }: layout.RedisKeys,
  view: string,
  expected: Uint8Array,
): RespWriter =>
  out
    .command('EVALSHA', 6)
    .argument(REMOVE_STATE.sha)
    .argument('1')
    .argument(states)
    .argument(layout.stateField(view))
    .argument(layout.digestField(view))
    .argument(expected);

/** 2: sent before, and done though the answer was lost. */
export const isStateDone = (outcome: Reply | undefined, isRepeated: boolean): boolean =>
  outcome === 1 || (isRepeated && outcome === 2);

export const addStateListing = (out: RespWriter, { states }: layout.RedisKeys): RespWriter =>
  out.command('HGETALL', 1).argument(states);

/** `flat`: of an HGETALL. View → state. */
export function statesOfListing(flat: Reply | undefined): ReadonlyMap<string, Uint8Array> {
  const items = flat as readonly Buffer[];
  const states = new Map<string, Uint8Array>();
  for (let index = 0; index < items.length; index += 2) {
    const name = String(items[index]);
    if (name.startsWith('s')) states.set(name.slice(1), items[index + 1] as Buffer);
  }
  return states;
}
