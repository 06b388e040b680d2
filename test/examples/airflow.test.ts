// The example for Airflow is Python, and each command in it is one of Plumb's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { plumb } from '../e2e/project.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/airflow/plumb_features.py', import.meta.url));

/** The words of each call of `plumb(…)`; what is no literal reads as an instant. */
const CALLS = `
import ast, json, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 10))
calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", None) == "plumb"]
print(json.dumps([[a.value if isinstance(a, ast.Constant) else "2026-01-08T00:05:00Z" for a in c.args] for c in calls]))
`;

test('the DAG for Airflow is Python, and the parser of the command line takes its commands', async () => {
  const { stdout } = await promisify(execFile)('python3', ['-c', CALLS, EXAMPLE]);
  const calls = JSON.parse(stdout) as readonly (readonly string[])[];
  assert.deepEqual(
    calls.map(([command]) => command),
    ['materialize', 'dataset'],
  );
  const empty = await mkdtemp(join(tmpdir(), 'plumb-airflow-'));
  for (const words of calls) {
    const { code, out } = await plumb(empty, [...words, '--json']);
    // Past the parser the first thing that is missed is the project.
    assert.match(out, /no project file/, words.join(' '));
    assert.equal(code, 2);
  }
});
