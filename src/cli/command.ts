// What a command's file needs to register itself.
import type { Command } from 'commander';
import type { Invocation } from './invocation.ts';

/** Returns the exit code of a command; undefined is 0. */
export type Handler<Args extends readonly unknown[]> = (
  invocation: Invocation,
  ...args: Args
) => Promise<number | undefined>;

/** Wraps a handler for commander: makes the invocation, prints failures, keeps the exit code. */
export type Run = <Args extends readonly unknown[]>(
  handler: Handler<Args>,
) => (...args: [...Args, ...unknown[]]) => Promise<void>;

export type Register = (program: Command, run: Run) => void;
