// The reference pages say what the code says: every key, variable, option, code, status and file that they name.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { projectVariables } from '../../schemas/environment.ts';
import { ERRORS } from '../../schemas/errors.ts';
import { parseSizeBytes, projectSchema } from '../../schemas/project.ts';
import { projectReference } from '../../schemas/project-reference.ts';
import { STATUSES } from '../../schemas/types.ts';
import { runCli } from '../../src/cli/program.ts';
import { fakeApp } from '../support/fake-app.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
/** Rows of Markdown tables as cells, without code marks and the line below the head. */
const rowsOf = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/^\|(.*)\|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .filter((cells) => !cells.every((cell) => /^-+$/.test(cell)));

test('configuration.md has every key with its variable and default, and no other, as the contract has them', async () => {
  const text = await read('docs/reference/configuration.md');
  assert.ok(text.includes(`\n\n${projectReference()}\n\n`), 'not fresh: run node scripts/generate-reference.ts');
  const rows = rowsOf(text).filter(([key = '', variable]) => key !== 'key' && variable !== '');
  const { project: _, ...defaults } = projectSchema.parse({ project: 'any' });
  assert.deepEqual(
    rows.map(([key, variable]) => `${key} ${variable}`).toSorted(),
    [...projectVariables().values()].map(({ name, path }) => `${path.join('.')} ${name}`).toSorted(),
  );
  for (const [key = '', , , written = ''] of rows) {
    const value = key
      .split('.')
      .reduce<unknown>((section, name) => (section as Record<string, unknown>)?.[name], defaults);
    const expected = Array.isArray(value) && value.length > 0 ? JSON.stringify(value) : String(value);
    if (value !== undefined) assert.equal(String(parseSizeBytes(written) ?? written), expected, key);
  }
});

test('http.md has every error code and every status', async () => {
  const text = await read('docs/reference/http.md');
  // A status may be called as an error is: its table has two columns.
  const codes = rowsOf(text).filter((cells) => cells.length === 5 && (cells[0] ?? '') in ERRORS);
  const expected = Object.entries(ERRORS).map(([code, { status, meaning, retryable, exit }]) => [
    code,
    String(status),
    meaning.replaceAll('`', ''),
    retryable ? 'yes' : '',
    String(exit),
  ]);
  assert.deepEqual(codes, expected);
  for (const page of [text, await read('docs/how-time-works.md')]) {
    const named = rowsOf(page).map(([status]) => status);
    assert.deepEqual(
      STATUSES.filter((status) => !named.includes(status)),
      [],
    );
  }
});

test('cli.md has every command with its options, and no other', async () => {
  const text = await read('docs/reference/cli.md');
  const documented = rowsOf(text).flatMap(([command = '']) =>
    command.startsWith('plumb ') ? [command.split(' ')] : [],
  );
  const commands = documented.map(([, ...words]) =>
    words.filter((word) => !/[[<]/.test(word) && !word.startsWith('--')),
  );
  assert.deepEqual(commands.map((words) => words.join(' ')).toSorted(), (await commandNames()).toSorted());
  for (const words of commands) {
    const help = await helpOf(words);
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option);
    const section = sectionOf(text, words.join(' '));
    const missing = options.filter((option) => option !== '--version' && !section.includes(option));
    assert.deepEqual(missing, [], words.join(' '));
  }
});

test('links between the pages lead somewhere, and so do the pages that code names', async () => {
  const dead: string[] = [];
  for await (const page of glob('{docs,examples}/**/*.md', { cwd: ROOT })) {
    for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      if (!existsSync(join(ROOT, dirname(page), target))) dead.push(`${page}: ${target}`);
    }
  }
  for await (const file of glob('{src,schemas,test,bench}/**/*.ts', { cwd: ROOT })) {
    for (const [target] of (await read(file)).matchAll(/\bdocs\/[\w/-]+\.md/g)) {
      if (!existsSync(join(ROOT, target))) dead.push(`${file}: ${target}`);
    }
  }
  assert.deepEqual(dead, []);
});

async function commandNames(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of subcommands(await helpOf([]))) {
    const below = subcommands(await helpOf([name]));
    names.push(...(below.length === 0 ? [name] : below.map((inner) => `${name} ${inner}`)));
  }
  return names;
}

const subcommands = (help: string): readonly string[] => {
  const [, list = ''] = help.split('\nCommands:\n');
  return [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
};

/** The general options, the command's row, and its own section if it has one. */
function sectionOf(text: string, command: string): string {
  const [general = '', ...sections] = text.split('\n## ');
  return [general, ...sections.filter((section) => section.startsWith(`${command}\n`))].join('\n');
}

async function helpOf(words: readonly string[]): Promise<string> {
  const out: string[] = [];
  const io = {
    cwd: ROOT,
    env: {},
    out: (text: string) => void out.push(text),
    err: () => {},
    stdin: async () => '',
    screen: null,
    terminal: null,
    onSignal: () => ({ [Symbol.dispose]: () => {} }),
    exitNow: () => {},
  };
  await runCli([...words, '--help'], fakeApp(), io);
  return out.join('');
}
