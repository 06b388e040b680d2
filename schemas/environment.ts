// Every key of the project file is also an environment variable: PLUMB_ and the key's path in capitals, joined by `_`.
//   project → PLUMB_PROJECT      server.port → PLUMB_SERVER_PORT      engine.memoryLimit → PLUMB_ENGINE_MEMORYLIMIT
// Names match in any case; lists are JSON; an empty variable counts as unset. A variable wins over the file; where it
// changes the `kind` of a section, the file's section is dropped as a whole. Other PLUMB_ variables are ignored, because
// orchestrators invent some (Kubernetes: PLUMB_SERVICE_HOST).
import { z } from 'zod';
import { projectSchema } from './project.ts';

type Leaf = 'text' | 'number' | 'json';

interface ProjectVariable {
  readonly name: string;
  readonly path: readonly string[];
  readonly leaf: Leaf;
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

function leafOf(schema: unknown): Leaf {
  if (schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean) return 'number';
  return schema instanceof z.ZodArray ? 'json' : 'text';
}

function* variablesOf(schema: unknown, path: readonly string[]): Generator<ProjectVariable> {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, value] of Object.entries(inner.shape)) yield* variablesOf(value, [...path, key]);
  } else if (inner instanceof z.ZodDiscriminatedUnion) {
    for (const option of inner.options) yield* variablesOf(option, path);
  } else {
    yield { name: `PLUMB_${path.join('_').toUpperCase()}`, path, leaf: leafOf(inner) };
  }
}

/** All variables, by name, in the order of the contract. */
export const projectVariables = (): ReadonlyMap<string, ProjectVariable> =>
  new Map(variablesOf(projectSchema, []).map((variable) => [variable.name, variable]));

function readValue(text: string, leaf: Leaf): unknown {
  if (leaf === 'text') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function setAt(section: Record<string, unknown>, path: readonly string[], value: unknown): Record<string, unknown> {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return { ...section, [key]: value };
  const inner = section[key];
  const kept = isSection(inner) && !(rest[0] === 'kind' && inner.kind !== value) ? inner : {};
  return { ...section, [key]: setAt(kept, rest, value) };
}

export interface EnvironmentOverlay {
  readonly project: Record<string, unknown>;
  /** Path of a key (joined by `.`) → the variable that set it, so that mistakes can name it. */
  readonly setBy: ReadonlyMap<string, string>;
}

/** Lays PLUMB_ variables over the parsed content of a project file. Checks nothing. */
export function overlayEnvironment(
  file: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentOverlay {
  const given = new Map(Object.entries(environment).map(([name, text]) => [name.toUpperCase(), { name, text }]));
  // A section's kind first: it may replace the section that the other variables then fill.
  const variables = [...projectVariables().values()].sort((a, b) => rank(a) - rank(b));
  let project = file;
  const setBy = new Map<string, string>();
  for (const { name, path, leaf } of variables) {
    const found = given.get(name);
    if (found?.text === undefined || found.text === '') continue;
    project = setAt(project, path, readValue(found.text, leaf));
    setBy.set(path.join('.'), found.name);
  }
  return { project, setBy };
}

const rank = (variable: ProjectVariable): number => (variable.path.at(-1) === 'kind' ? 0 : 1);
