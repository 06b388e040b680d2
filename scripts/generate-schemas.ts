// Writes schemas/json/*.schema.json from the zod contracts. With --check it writes nothing and fails where one differs.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaFiles } from '../schemas/json-schemas.ts';

const folder = join(import.meta.dirname, '../schemas/json');
const files = jsonSchemaFiles();

function staleFiles(): string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const stale = [...files].filter(
    ([name, text]) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== text,
  );
  return [...stale.map(([name]) => name), ...present.filter((name) => !files.has(name))];
}

if (process.argv.includes('--check')) {
  const stale = staleFiles();
  if (stale.length > 0) {
    console.error(`schemas/json is not fresh (${stale.join(', ')}): run node scripts/generate-schemas.ts`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
}
