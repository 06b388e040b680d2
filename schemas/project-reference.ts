// The tables of docs/reference/configuration.md, made from the contract of the project file: every key with its variable,
// type, default and description. A key of one `kind` of a section says which.
import { z } from 'zod';
import { projectVariables } from './environment.ts';
import { projectSchema } from './project.ts';

/** What is read of a JSON Schema that zod makes. */
interface Contract {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Contract;
  readonly properties?: Readonly<Record<string, Contract>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Contract[];
  readonly anyOf?: readonly Contract[];
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly description: string;
}

/** Markdown: a heading and a table for the whole file, and for each section. */
export function projectReference(): string {
  const contract = z.toJSONSchema(projectSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as Contract;
  const keys = Object.entries(contract.properties ?? {});
  const plain = keys.filter(([, key]) => !isSection(key));
  const top = plain.map(([name, key]) => rowOf(name, key, isRequired(contract, name)));
  const sections = keys
    .filter(([, key]) => isSection(key))
    .map(([name, key]) => `### \`${name}\`\n${key.description ?? ''}\n\n${tableOf(rowsOf(name, key))}`);
  return [tableOf(top), ...sections].join('\n\n');
}

const isSection = (contract: Contract): boolean => contract.properties !== undefined || kindsOf(contract).length > 0;

/** The variants of a section that is told apart by `kind`. */
const kindsOf = ({ oneOf = [] }: Contract): readonly Contract[] =>
  oneOf.filter(({ properties }) => properties?.kind?.const !== undefined);

const isRequired = (section: Contract, name: string): boolean => section.required?.includes(name) ?? false;

function rowsOf(path: string, section: Contract): readonly Row[] {
  const kinds = kindsOf(section);
  if (kinds.length > 0) return rowsOfKinds(path, section, kinds);
  return Object.entries(section.properties ?? {}).flatMap(([name, key]) =>
    rowsAt(`${path}.${name}`, key, isRequired(section, name)),
  );
}

function rowsAt(path: string, key: Contract, required: boolean): readonly Row[] {
  if (!isSection(key)) return [rowOf(path, key, required)];
  const head = { key: path, type: 'section', default: '', description: key.description ?? '' };
  return [head, ...rowsOf(path, key)];
}

/** Keys that several kinds have alike stand in one row. */
function rowsOfKinds(path: string, section: Contract, kinds: readonly Contract[]): readonly Row[] {
  const names = new Map<string, string[]>();
  const rows = new Map<string, Row>();
  for (const kind of kinds) {
    const name = String(kind.properties?.kind?.const);
    for (const [key, contract] of Object.entries(kind.properties ?? {})) {
      if (key === 'kind') continue;
      for (const row of rowsAt(`${path}.${key}`, contract, isRequired(kind, key))) {
        const id = JSON.stringify(row);
        names.set(id, [...(names.get(id) ?? []), name]);
        rows.set(id, row);
      }
    }
  }
  const ofKinds = [...rows].map(([id, row]) => ofKind(row, names.get(id) ?? [], kinds.length));
  return [kindRow(path, section, kinds), ...ofKinds];
}

function kindRow(path: string, section: Contract, kinds: readonly Contract[]): Row {
  const choices = kinds.map(({ properties }) => properties?.kind ?? {});
  const standard = (section.default as { readonly kind?: unknown } | undefined)?.kind;
  return {
    key: `${path}.kind`,
    type: choices.map((choice) => code(choice.const)).join(', '),
    default: standard === undefined ? 'required' : code(standard),
    description: choices.map((choice) => `${code(choice.const)}: ${choice.description ?? ''}`).join(' '),
  };
}

const ofKind = (row: Row, names: readonly string[], all: number): Row =>
  names.length === all ? row : { ...row, description: `${names.map(code).join(', ')}: ${row.description}` };

const rowOf = (key: string, contract: Contract, required: boolean): Row => ({
  key,
  type: typeText(contract),
  default: required ? 'required' : defaultText(contract.default),
  description: contract.description ?? '',
});

function typeText(contract: Contract): string {
  const { type, enum: choices, anyOf, oneOf, examples, format, items } = contract;
  const variants = anyOf ?? oneOf;
  if (variants !== undefined) return [...new Set(variants.map(typeText))].join(' or ');
  if (contract.const !== undefined) return code(contract.const);
  if (choices !== undefined) return choices.map(code).join(', ');
  if (type === 'array') return `list of ${typeText(items ?? {})}`;
  if (type === 'integer' || type === 'number') return numberText(contract);
  if (type === 'boolean') return '`true`, `false`';
  if (Array.isArray(type) && examples !== undefined) return `bytes, or a size such as ${code(examples[0])}`;
  return format === 'uri' ? 'URL' : 'text';
}

const numberText = ({ type, minimum, maximum }: Contract): string => {
  const kind = type === 'integer' ? 'whole number' : 'number';
  if (minimum === undefined) return kind;
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `${kind} from ${minimum}`
    : `${kind}, ${minimum} to ${maximum}`;
};

/** An empty default is what a key without one has. */
function defaultText(value: unknown): string {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function tableOf(rows: readonly Row[]): string {
  const names = new Map([...projectVariables().values()].map(({ name, path }) => [path.join('.'), name]));
  const lines = rows.map(({ key, type, default: standard, description }) => {
    const variable = names.get(key);
    return [code(key), variable === undefined ? '' : code(variable), type, standard, description];
  });
  return [HEAD, ...lines.map(lineOf)].join('\n');
}

const HEAD = '| key | variable | type | default | |\n|---|---|---|---|---|';

const lineOf = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');

const code = (value: unknown): string => `\`${value}\``;
