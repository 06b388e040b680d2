// Calls between two processes over the channel of `fork`: each side has functions that the other one may call. Arguments and
// results go by structured clone; a PlumbError arrives as one, any other failure as an internal error.
import { asPlumbError, type ErrorData, errorData, PlumbError } from '../../schemas/errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: the parameters of any function
export type Functions = { readonly [name: string]: (...args: any[]) => unknown };

export type Remote<F extends Functions> = {
  readonly [K in keyof F]: (...args: Parameters<F[K]>) => Promise<Awaited<ReturnType<F[K]>>>;
};

type Message =
  | { readonly type: 'call'; readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly type: 'returned'; readonly call: number; readonly value: unknown }
  | { readonly type: 'threw'; readonly call: number; readonly error: ErrorData };

interface Awaiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface CallsOptions<Mine extends Functions> {
  readonly functions: Mine;
  /** What cannot be sent any more is dropped: the end of the other side tells the rest. */
  readonly send: (message: object) => void;
  /** Told of what is no PlumbError, and is kept from the other side. */
  readonly onDefect: (error: unknown) => void;
}

export class Calls<Mine extends Functions, Theirs extends Functions> {
  readonly #options: CallsOptions<Mine>;
  readonly #awaiting = new Map<number, Awaiting>();
  #lastCall = 0;
  #end: PlumbError | null = null;
  /** The functions of the other side. Nobody has to wait for what they return. */
  readonly remote: Remote<Theirs>;

  constructor(options: CallsOptions<Mine>) {
    this.#options = options;
    this.remote = new Proxy({} as Remote<Theirs>, {
      get:
        (_target, name) =>
        (...args: readonly unknown[]) =>
          this.#call(String(name), args),
    });
  }

  receive(message: object): void {
    const received = message as Message;
    if (received.type === 'call') {
      void this.#answer(received);
      return;
    }
    const awaiting = this.#awaiting.get(received.call);
    this.#awaiting.delete(received.call);
    if (received.type === 'returned') awaiting?.resolve(received.value);
    else awaiting?.reject(new PlumbError(received.error.code, received.error.message, received.error));
  }

  /** The other side has gone: what is asked of it, also later, fails with this. */
  close(reason: PlumbError): void {
    this.#end ??= reason;
    for (const { reject } of this.#awaiting.values()) reject(this.#end);
    this.#awaiting.clear();
  }

  #call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // The caller that awaits it still sees the failure.
    promise.catch(() => undefined);
    if (this.#end !== null) reject(this.#end);
    else {
      this.#lastCall += 1;
      this.#awaiting.set(this.#lastCall, { resolve, reject });
      this.#options.send({ type: 'call', call: this.#lastCall, name, args } satisfies Message);
    }
    return promise;
  }

  async #answer({ call, name, args }: Extract<Message, { readonly type: 'call' }>): Promise<void> {
    const { functions, send, onDefect } = this.#options;
    try {
      const value = await functions[name]?.(...args);
      send({ type: 'returned', call, value } satisfies Message);
    } catch (error) {
      if (!(error instanceof PlumbError)) onDefect(error);
      send({ type: 'threw', call, error: errorData(asPlumbError(error)) } satisfies Message);
    }
  }
}
