// The process of one script: node run-script.ts SCRIPT ENV-AS-JSON. Prints the report.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { optionProblems, recordingProblems, type ScenarioToRun, scenariosOf } from './judge.ts';
import { addSample, type Phase, recording } from './recording.ts';
import type { Report } from './report.ts';
import { scenario as currentScenario } from './shim/execution.ts';

const [script = '', env = '{}'] = process.argv.slice(2);
const SHIMS: Readonly<Record<string, string>> = {
  k6: './shim/k6.ts',
  'k6/http': './shim/http.ts',
  'k6/metrics': './shim/metrics.ts',
  'k6/execution': './shim/execution.ts',
};

/** Of a script and what it imports: k6's own modules and files, nothing of Node or npm. */
registerHooks({
  resolve(specifier, context, next) {
    const shim = SHIMS[specifier];
    if (shim !== undefined) return next(new URL(shim, import.meta.url).href, context);
    const isFromScript = !(context.parentURL ?? '').startsWith(new URL('.', import.meta.url).href);
    if (isFromScript && !/^(\.{0,2}\/|file:)/.test(specifier)) throw new Error(`k6 has no module "${specifier}"`);
    return next(specifier, context);
  },
});

type Script = Readonly<Record<string, unknown>>;
type Exported = (...args: readonly unknown[]) => unknown;

const ran: string[] = [];
const problems: string[] = [];

try {
  await runScript();
} catch (error) {
  problems.push(`${recording.phase}: ${error instanceof Error ? error.message : String(error)}`);
}
problems.push(...recordingProblems(recording));
const report: Report = {
  scenarios: ran,
  requests: recording.requests,
  checks: Object.fromEntries(recording.checks),
  metrics: Object.fromEntries(recording.metrics),
  problems,
};
process.stdout.write(JSON.stringify(report));

async function runScript(): Promise<void> {
  Object.assign(globalThis, { __ENV: JSON.parse(env), __VU: 1, __ITER: 0 });
  const exported = (await import(pathToFileURL(script).href)) as Script;
  const options = (exported.options ?? {}) as Parameters<typeof scenariosOf>[0];
  const data = await call(exported, 'setup', 'setup', []);
  for (const scenario of scenariosOf(options)) await runScenario(exported, scenario, data);
  await call(exported, 'teardown', 'teardown', [data]);
  await call(exported, 'handleSummary', 'teardown', [{ metrics: Object.fromEntries(recording.metrics) }]);
  problems.push(...optionProblems(options, recording.metrics));
}

async function runScenario(exported: Script, { name, executor, exec, env: ofScenario }: ScenarioToRun, data: unknown) {
  if (typeof exported[exec] !== 'function') {
    problems.push(`scenario ${name}: the script exports no function "${exec}"`);
    return;
  }
  ran.push(name);
  Object.assign(currentScenario, { name, executor });
  Object.assign((globalThis as unknown as { __ENV: object }).__ENV, ofScenario);
  await call(exported, exec, 'scenario', [data]);
  addSample('iterations', 'counter', 1);
  addSample('iteration_duration', 'trend', 0);
  if (executor.endsWith('arrival-rate')) addSample('dropped_iterations', 'counter', 0);
}

/** k6 hands data on as JSON, so functions and the like get lost here as they do there. */
async function call(exported: Script, name: string, phase: Phase, args: readonly unknown[]): Promise<unknown> {
  const run = exported[name];
  if (typeof run !== 'function') return undefined;
  recording.phase = phase;
  const result = await (run as Exported)(...args);
  return result === undefined ? undefined : (JSON.parse(JSON.stringify(result)) as unknown);
}
