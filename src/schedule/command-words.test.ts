import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWords } from './command-words.ts';

test('words part at spaces, quotes hold them together, and nothing else means anything', () => {
  const cases: readonly [string, readonly string[] | null][] = [
    ['gc --max-time 10m', ['gc', '--max-time', '10m']],
    ['  gc\t--dry-run \n', ['gc', '--dry-run']],
    [`get --entity '{"id": 1}'`, ['get', '--entity', '{"id": 1}']],
    [`a "b 'c' d"e ''`, ['a', "b 'c' de", '']],
    ['gc; rm -rf $HOME | x > y && z `w` *', ['gc;', 'rm', '-rf', '$HOME', '|', 'x', '>', 'y', '&&', 'z', '`w`', '*']],
    ['', []],
    ['a "b', null],
  ];
  for (const [run, words] of cases) assert.deepEqual(commandWords(run), words, run);
});
