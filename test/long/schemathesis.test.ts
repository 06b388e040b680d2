// Schemathesis against a live server: what the OpenAPI document allows is taken, what it forbids is refused, and every
// answer is one that it documents. Installed from PyPI into a cache folder; skipped where that cannot be had.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { OPERATIONS } from '../../schemas/operations.ts';
import { jsonText } from '../../src/json-text.ts';
import { tempProject } from '../e2e/project.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';
import { programsWith } from '../python/virtual-environment.ts';

const VERSION = '4.32.5';
const run = promisify(execFile);

/** Operations that list in pages. */
const PAGED = OPERATIONS.filter(({ query }) => query !== undefined && 'cursor' in query.shape).map(({ id }) => id);

// What the document cannot say is said here, by operation, with the reason.
const SETTINGS = `
[generation]
max-examples = 50

[checks]
# DELETE cancels a job; its record stays, as documented.
use_after_free.enabled = false
ensure_resource_availability.enabled = false

# More than a limit allows is 413.
negative_data_rejection.expected-statuses = ["400", "404", "405", "409", "413", "415", "422", "429"]

# Days that a month does not have pass any pattern; names may be of nothing; \`context\` is planned and says so with 501.
[[operations]]
include-operation-id = "getOnlineFeatures"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409", "501"]
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]
checks.negative_data_rejection.expected-statuses = ["400", "404", "405", "409", "413", "415", "422", "429", "501"]

# Labels that fit the document may be unequal in length, lack a key, or lie outside of the roots; a queue may be full.
[[operations]]
include-operation-id = "createDataset"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "422", "429"]

[[operations]]
include-operation-id = "createMaterialization"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "429"]

# Sources of files take no events, and events have the columns of their source.
[[operations]]
include-operation-id = "pushEvents"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "422", "429"]

# A view that is asked for has to be there. (The first section that names an operation holds.)
[[operations]]
include-operation-id = "listRuns"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404"]

# A cursor is opaque: text of its alphabet need not be one.
[[operations]]
include-operation-id = ${JSON.stringify(PAGED)}
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]

# What a key consists of is said by its entity.
[[operations]]
include-operation-id = "createErasure"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404"]

# A version is a number or latest, a range lies inside of the part: both depend on what is there.
[[operations]]
include-operation-id = ["getDataset", "getDatasetPart", "bindDataset", "retireDataset"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "304", "400", "404", "416"]
`;

/** With all digits: the greatest and the least are taken, what lies beyond them is refused. */
const INT64 = { type: ['integer', 'null'], minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n };

/** The document with names that the project has, so that more than unknown names is met. */
async function documentWithNames(url: string): Promise<string> {
  const document = await (await fetch(`${url}/openapi.json`)).text();
  const named = JSON.parse(document, (key, value) => {
    if (key === 'service' && value?.type === 'string') return { ...value, enum: ['ranking'] };
    if (key === 'entities' && value?.description?.startsWith('One object per row'))
      return {
        ...value,
        maxItems: 20,
        items: { type: 'object', required: ['user_id'], properties: { user_id: INT64 } },
      };
    return value;
  });
  return jsonText(named);
}

test('the live server is what its OpenAPI document says', async (context) => {
  const programs = await programsWith('schemathesis', VERSION, process.env.PLUMB_SCHEMATHESIS);
  if (programs === null) {
    assert.ok(process.env.CI === undefined, 'CI needs python3 with venv, and PyPI');
    return context.skip('needs python3 with venv, and PyPI');
  }
  const project = await tempProject({ ...SHOP, 'schemathesis.toml': SETTINGS });
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  await project.plumb('dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv');
  // An admin may call every operation there is; schemathesis also calls each without a key, and with a wrong one.
  const { out } = await project.plumb('key', 'create', '--role', 'admin');
  const server = await project.serve({ PLUMB_SERVER_AUTH: 'keys' });
  await project.write('openapi.json', await documentWithNames(server.url));
  const args = ['--config-file', 'schemathesis.toml', 'run', 'openapi.json', '--url', server.url];
  const options = ['--checks', 'all', '--phases', 'examples,coverage,fuzzing', '--no-color'];
  const key = ['--header', `Authorization: Bearer ${out.trim()}`];
  const outcome = await run(join(programs, 'schemathesis'), [...args, ...options, ...key, '--seed', '1'], {
    cwd: project.folder,
    maxBuffer: 2 ** 28,
    timeout: 900_000,
  }).catch((error: { stdout: string; stderr: string }) => error);
  const failed = 'code' in outcome;
  assert.ok(!failed, `${outcome.stdout}\n${outcome.stderr}`);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const { err } = await server.stop();
  assert.doesNotMatch(err, /internal error/);
});
