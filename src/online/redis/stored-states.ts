// Serving states for lookups: asked for by digest, fetched only when new, and remembered for partial answers.
import type { PartialData, StoredData } from '../online-store.ts';
import type { Send } from './redis-connection.ts';
import * as layout from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';
import { EncodedNames } from './row-commands.ts';
import { StateCache } from './state-cache.ts';

/** Of an HMGET. */
export type Digests = readonly (Buffer | null)[];

export class StoredStates {
  readonly #key: Buffer;
  readonly #digestFields = new EncodedNames(layout.digestField);
  readonly #cache = new StateCache();
  /** To the server that holds the states. */
  readonly #send: Send;

  constructor({ states }: layout.RedisKeys, send: Send) {
    this.#key = states;
    this.#send = send;
  }

  /** One command; nothing where no view is asked for. */
  addDigests(out: RespWriter, views: readonly string[]): RespWriter {
    if (views.length === 0) return out;
    out.command('HMGET', views.length + 1).argument(this.#key);
    for (const view of views) out.encoded(this.#digestFields.get(view));
    return out;
  }

  /** At once where none is new. */
  ofDigests(views: readonly string[], digests: Digests): StoredData['states'] | Promise<StoredData['states']> {
    const now = performance.now();
    const states = views.map((view, index) => {
      const digest = digests[index] ?? null;
      if (digest !== null) return this.#cache.get(view, digest, now);
      this.#cache.forget(view);
      return null;
    });
    const unknown = views.filter((_view, index) => (digests[index] ?? null) !== null && states[index] === null);
    if (unknown.length === 0) return states;
    return this.#fetch(unknown).then((fetched) =>
      views.map((view, index) => states[index] ?? fetched.get(view) ?? null),
    );
  }

  /** Those of a moment ago; null where one is not known. */
  recent(views: readonly string[]): PartialData['states'] | null {
    const now = performance.now();
    const states = views.map((view) => this.#cache.recent(view, now));
    return states.includes(null) ? null : states;
  }

  async #fetch(views: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const out = new RespWriter().command('HMGET', views.length + 1).argument(this.#key);
    for (const view of views) out.argument(layout.stateField(view));
    const [found] = (await this.#send(out.finish())) as unknown as [Digests];
    const now = performance.now();
    const states = new Map<string, Uint8Array>();
    for (const [index, view] of views.entries()) {
      const state = found[index] ?? null;
      if (state !== null) states.set(view, this.#cache.put(view, state, now));
    }
    return states;
  }
}
