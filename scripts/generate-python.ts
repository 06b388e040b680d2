// Writes what the Python client knows of the contract, from schemas/. With --check it writes nothing and fails where it
// differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../schemas/errors.ts';
import { STATUSES } from '../schemas/types.ts';

const FILE = 'sdk/python/src/plumb/_contract.py';
const path = join(import.meta.dirname, '..', FILE);

const literal = (name: string, values: readonly string[]): string =>
  [`${name} = Literal[`, ...values.map((value) => `    "${value}",`), ']'].join('\n');

const retryable = Object.entries(ERRORS).map(
  ([code, error]) => `    "${code}": ${error.retryable ? 'True' : 'False'},`,
);

const text = `"""Made from schemas/ by \`\`node scripts/generate-python.ts\`\`: do not edit."""

from __future__ import annotations

from typing import Final, Literal

${literal('ErrorCode', Object.keys(ERRORS))}

${literal('Status', STATUSES)}

#: Whether the same call may succeed later, unchanged, by error code.
RETRYABLE: Final[dict[str, bool]] = {
${retryable.join('\n')}
}
`;

if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.error(`${FILE} is not fresh: run node scripts/generate-python.ts`);
  process.exitCode = 1;
}
