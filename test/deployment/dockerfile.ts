// The Dockerfile as plain data: stages of steps, with its build arguments filled in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerfileParser } from 'dockerfile-ast';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Step {
  readonly keyword: string;
  /** All after the keyword and its flags. */
  readonly text: string;
  readonly flags: ReadonlyMap<string, string>;
}

export interface Stage {
  readonly name: string;
  /** Another stage, or an image. */
  readonly base: string;
  readonly steps: readonly Step[];
}

export function readDockerfile(): readonly Stage[] {
  const args = new Map<string, string>();
  const filled = (text: string): string => text.replaceAll(/\$\{(\w+)\}/g, (_all, name) => args.get(name) ?? '');
  const stages: { name: string; base: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword();
    const text = filled(instruction.getArgumentsContent() ?? '');
    const flags = 'getFlags' in instruction ? (instruction as WithFlags).getFlags() : [];
    if (keyword === 'ARG') args.set(...(text.split('=') as [string, string]));
    if (keyword === 'FROM') {
      const [base = '', , name = ''] = text.split(' ');
      stages.push({ name, base, steps: [] });
    } else {
      const named = new Map(flags.map((flag) => [flag.getName(), flag.getValue() ?? '']));
      stages.at(-1)?.steps.push({ keyword, text, flags: named });
    }
  }
  return stages;
}

interface WithFlags {
  getFlags(): { getName(): string; getValue(): string | null }[];
}

/** The steps of a stage, after those of the stages that it is built on. */
export function stepsOf(stages: readonly Stage[], name: string): readonly Step[] {
  const stage = stages.find((one) => one.name === name);
  return stage === undefined ? [] : [...stepsOf(stages, stage.base), ...stage.steps];
}

/** What the last step of that keyword says; null where there is none. */
export const lastOf = (steps: readonly Step[], keyword: string): string | null =>
  steps.findLast((step) => step.keyword === keyword)?.text ?? null;

/** `A=1 B=2` of all ENV steps. */
export const environmentOf = (steps: readonly Step[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    steps
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ text }) => text.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
  );
