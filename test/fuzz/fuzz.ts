// Drives the trials in turn over counting seeds, for a time or a number of worlds.
import { openBodyTrial } from './body-trial.ts';
import { openLabelTrial } from './label-trial.ts';
import { openPyarrowTrial, openSourceTrial } from './source-trial.ts';
import type { TryWorld } from './trial.ts';
import { openUploadTrial } from './upload-trial.ts';

export const TRIALS: Readonly<Record<string, { open(): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> }>> =
  {
    bodies: { open: openBodyTrial },
    labels: { open: openLabelTrial },
    pyarrow: { open: openPyarrowTrial },
    sources: { open: openSourceTrial },
    uploads: { open: openUploadTrial },
  };

export interface FuzzOptions {
  readonly seconds: number;
  /** Of each trial. */
  readonly worlds: number;
  readonly seed: number;
  readonly names: readonly string[];
}

export interface FuzzOutcome {
  readonly tried: number;
  readonly findings: readonly string[];
}

export async function fuzz(options: FuzzOptions, say: (line: string) => void): Promise<FuzzOutcome> {
  await using stack = new AsyncDisposableStack();
  const trials: { readonly name: string; readonly tryWorld: TryWorld }[] = [];
  for (const name of options.names) {
    const trial = TRIALS[name];
    if (trial === undefined) throw new Error(`no trial ${name}; there are ${Object.keys(TRIALS).join(', ')}`);
    trials.push({ name, tryWorld: stack.use(await trial.open()).tryWorld });
  }
  const end = performance.now() + options.seconds * 1000;
  const findings: string[] = [];
  let tried = 0;
  for (let i = 0; i < options.worlds && performance.now() < end; i++) {
    for (const { name, tryWorld } of trials) {
      const seed = options.seed + i;
      const fault = await tryWorld(seed).catch((error: unknown) => `the trial itself failed: ${stackOf(error)}`);
      tried += 1;
      if (fault === undefined) continue;
      findings.push(fault);
      say(`${name}, seed ${seed}: ${fault}\n  repeat: npm run test:fuzz -- --only ${name} --seed ${seed} --worlds 1`);
    }
  }
  return { tried, findings };
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
