// Commands that were packed by a RespWriter, on their way through ioredis: it keeps the order of replies, knows when a
// connection dies, and decodes. One small object per command, one promise per batch; ioredis' own commands make a promise,
// a timer and an argument list each, which costs three times the processor time of a lookup of 100 entities.
import { type Command, type Redis, ReplyError } from 'ioredis';
import { Deadlines, type Waiting } from './deadlines.ts';
import type { Commands } from './resp-writer.ts';

/** Bulk strings are views of what the socket read. */
export type Reply = Buffer | number | null | readonly Reply[];

export const isText = (reply: unknown, text: string): boolean => Buffer.isBuffer(reply) && reply.toString() === text;

export interface BatchOptions {
  readonly timeoutMillis: number;
  readonly onTimeout: () => void;
  /** Any reason → what the caller is told. */
  readonly failureOf: (reason: Error) => Error;
}

/** `each`: a command that the server refuses has its error in the place of its reply, and the others have theirs. */
export type BatchMode = 'all' | 'each';

/** Some 30 commands of a lookup. */
const LARGE_BYTES = 4096;

export class BatchSender {
  readonly #redis: Redis;
  readonly #options: BatchOptions;
  /** ioredis writes each command to the stream that it is given; ours are written at once, beside it. */
  readonly #nowhere: PipelineStream;
  readonly #deadlines: Deadlines<Batch>;
  /** The stream that holds back what is written in this turn of the event loop. */
  #corked: Redis['stream'] | null = null;
  #heldBytes = 0;

  constructor(redis: Redis, options: BatchOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#deadlines = new Deadlines(options.timeoutMillis);
    this.#nowhere = { isPipeline: true, write: () => {}, destination: { redis } };
  }

  /**
   * One reply per command, in order; rejects with the first error, or when the time is over. `onSettled` when the last
   * command has left the queue, however late; `isAnswered`: by the server, and in time.
   */
  send(commands: Commands, onSettled: (isAnswered: boolean) => void, mode: BatchMode = 'all'): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      const batch = new Batch(commands.count, { ...this.#options, resolve, reject, onSettled, mode }, this.#deadlines);
      for (let index = 0; index < commands.count; index += 1) {
        this.#redis.sendCommand(new BatchedCommand(batch, index) as unknown as Command, this.#nowhere);
      }
      // Where the connection cannot be written to, ioredis has rejected the commands by now.
      if (!batch.failed) this.#write(commands.bytes);
    });
  }

  /**
   * Small batches of one turn of the event loop leave in one write: a write to a socket costs more than they do. A large one
   * leaves at once, so that the server works while the next one is made.
   */
  #write(bytes: Buffer): void {
    const { stream } = this.#redis;
    if (this.#corked !== stream) {
      this.#corked = stream;
      stream.cork();
      setImmediate(() => this.#flush(stream));
    }
    stream.write(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= LARGE_BYTES) this.#flush(stream);
  }

  #flush(stream: Redis['stream']): void {
    if (this.#corked !== stream) return;
    this.#corked = null;
    this.#heldBytes = 0;
    stream.uncork();
  }
}

type PipelineStream = Extract<Parameters<Redis['sendCommand']>[1], { readonly isPipeline: true }>;

interface BatchWork extends BatchOptions {
  readonly resolve: (replies: Reply[]) => void;
  readonly reject: (error: Error) => void;
  readonly onSettled: (isAnswered: boolean) => void;
  readonly mode: BatchMode;
}

class Batch implements Waiting {
  readonly replies: Reply[];
  failed = false;
  #open: number;
  #isAnswered = true;
  readonly #work: BatchWork;
  readonly #deadlines: Deadlines<Batch>;

  constructor(count: number, work: BatchWork, deadlines: Deadlines<Batch>) {
    this.replies = new Array<Reply>(count);
    this.#open = count;
    this.#work = work;
    this.#deadlines = deadlines;
    deadlines.add(this);
  }

  expire(): void {
    const { reject, failureOf, timeoutMillis, onTimeout } = this.#work;
    this.#isAnswered = false;
    reject(failureOf(new Error(`no answer within ${timeoutMillis} ms`)));
    onTimeout();
  }

  fail(error: Error, index: number): void {
    if (!(error instanceof ReplyError)) this.#isAnswered = false;
    if (this.#work.mode === 'each' && error instanceof ReplyError) this.replies[index] = error as unknown as Reply;
    else {
      this.failed = true;
      this.#work.reject(this.#work.failureOf(error));
    }
    this.settleOne();
  }

  settleOne(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#deadlines.remove(this);
    this.#work.resolve(this.replies);
    this.#work.onSettled(this.#isAnswered);
  }
}

/** What ioredis needs of a command. */
class BatchedCommand {
  readonly name = 'packed';
  /** Shown in ioredis' errors: nothing. */
  readonly args: readonly never[] = [];
  /** Tells ioredis that there is nothing to trace. */
  readonly isTraced = true;
  readonly promise = null;
  readonly #batch: Batch;
  readonly #index: number;

  constructor(batch: Batch, index: number) {
    this.#batch = batch;
    this.#index = index;
  }

  resolve(reply: Reply): void {
    this.#batch.replies[this.#index] = reply;
    this.#batch.settleOne();
  }

  reject(error: Error): void {
    this.#batch.fail(error, this.#index);
  }

  setReplyContext(): void {}

  toWritable(): string {
    return '';
  }
}
