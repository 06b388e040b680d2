// What `plumb init` writes for definitions in TypeScript: an example, and a tsconfig.json by which an editor finds the
// types of @plumb/schemas wherever the project lies. Plumb itself needs neither: it resolves the name by a hook.
import { fileURLToPath } from 'node:url';
import { ownModule } from '../own-module.ts';

export const EXAMPLE_TYPESCRIPT = `// Definitions may also be TypeScript: the editor knows every field. Every export counts.
import { defineFeatureService } from '@plumb/schemas';

export const clicksOnly = defineFeatureService({ name: 'clicks_only', features: ['user_clicks:*'] });
`;

/** Where the types are in the Plumb that runs: beside compiled JavaScript, in the package. */
export const SCHEMAS_FILE = fileURLToPath(ownModule('../../schemas/index', import.meta.url)).replace(/\.js$/, '.d.ts');

/** `schemasFile` is null where `@plumb/schemas` is found without help: it is installed for the project. */
export const tsconfig = (schemasFile: string | null): string => `{
  // For editors and tsc; Plumb does not read it.
  "compilerOptions": {
    "target": "esnext",
    "module": "esnext",
    "moduleResolution": "bundler",
    "types": [],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true${schemasFile === null ? '' : paths(schemasFile)}
  },
  "include": ["features"]
}
`;

const paths = (schemasFile: string): string => `,
    // Where Plumb lies on this machine. On another one, change it, or install @plumb/schemas and remove it.
    "paths": ${pathsValue(schemasFile)}`;

export const pathsValue = (schemasFile: string): string => `{ "@plumb/schemas": [${JSON.stringify(schemasFile)}] }`;
