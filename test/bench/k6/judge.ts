// What is wrong with a script that ran: its options, and what it did not do.
import type { recording as Recorded } from './recording.ts';
import type { Metric, MetricType } from './report.ts';

interface Scenario {
  readonly executor?: string;
  readonly exec?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly [option: string]: unknown;
}

interface Options {
  readonly scenarios?: Readonly<Record<string, Scenario>>;
  readonly thresholds?: Readonly<Record<string, readonly (string | { readonly threshold: string })[]>>;
}

export interface ScenarioToRun {
  readonly name: string;
  readonly executor: string;
  readonly exec: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Without scenarios k6 runs the default function. */
export const scenariosOf = ({ scenarios = { default: {} } }: Options): readonly ScenarioToRun[] =>
  Object.entries(scenarios).map(([name, { executor = '', exec = 'default', env = {} }]) => ({
    name,
    executor,
    exec,
    env,
  }));

/** Executor to the options that it cannot do without. */
const EXECUTORS: Readonly<Record<string, readonly string[]>> = {
  'shared-iterations': [],
  'per-vu-iterations': [],
  'constant-vus': ['duration'],
  'ramping-vus': ['stages'],
  'constant-arrival-rate': ['rate', 'duration', 'preAllocatedVUs'],
  'ramping-arrival-rate': ['stages', 'preAllocatedVUs'],
  'externally-controlled': ['duration'],
};

export const optionProblems = (options: Options, metrics: ReadonlyMap<string, Metric>): readonly string[] => [
  ...Object.entries(options.scenarios ?? {}).flatMap(([name, scenario]) => scenarioProblems(name, scenario)),
  ...Object.entries(options.thresholds ?? {}).flatMap(([name, expressions]) =>
    expressions.flatMap((item) => thresholdProblems(name, typeof item === 'string' ? item : item.threshold, metrics)),
  ),
];

function scenarioProblems(name: string, scenario: Scenario): readonly string[] {
  const needed = EXECUTORS[scenario.executor ?? ''];
  if (needed === undefined) return [`scenario ${name}: no executor is named "${scenario.executor}"`];
  const missing = needed.filter((option) => scenario[option] === undefined);
  return [
    ...missing.map((option) => `scenario ${name}: ${scenario.executor} needs ${option}`),
    ...durationsOf(scenario)
      .filter(isNoDuration)
      .map((text) => `scenario ${name}: "${text}" is no duration`),
  ];
}

function durationsOf({ duration, stages = [] }: Scenario): readonly string[] {
  const ofStages = (stages as readonly { readonly duration: string }[]).map((stage) => stage.duration);
  return [...(duration === undefined ? [] : [String(duration)]), ...ofStages];
}

const isNoDuration = (text: string): boolean => !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text);

const METHODS: Readonly<Record<MetricType, RegExp>> = {
  counter: /^(count|rate)$/,
  gauge: /^value$/,
  rate: /^rate$/,
  trend: /^(avg|min|med|max|p\(\d+(\.\d+)?\))$/,
};

/** `metric` or `metric{tag:value,…}`, and `method operator number`. */
function thresholdProblems(name: string, expression: string, metrics: ReadonlyMap<string, Metric>): readonly string[] {
  const [, metricName = '', tags] = /^(\w+)(\{.*\})?$/.exec(name) ?? [];
  const metric = metrics.get(metricName);
  const place = `threshold ${name}: ${expression}`;
  if (metric === undefined || metric.samples === 0) return [`${place}: the run recorded no such metric`];
  const [, method = '', value = ''] = /^\s*(\S+?)\s*(?:<=|<|>=|>|===|==|!=)\s*(\S+)\s*$/.exec(expression) ?? [];
  return [
    ...(tags === undefined || /^\{\s*\w+:[^,{}]+(,\s*\w+:[^,{}]+)*\}$/.test(tags) ? [] : [`${place}: malformed tags`]),
    ...(value === '' || Number.isNaN(Number(value)) ? [`${place}: malformed, expected "method operator number"`] : []),
    ...(value === '' || METHODS[metric.type].test(method) ? [] : [`${place}: a ${metric.type} has no "${method}"`]),
  ];
}

export function recordingProblems({ requests, checks }: typeof Recorded): readonly string[] {
  const failed = [...checks].filter(([, { fails }]) => fails > 0);
  return [
    ...(requests === 0 ? ['no scenario made a request'] : []),
    ...(checks.size === 0 ? ['no scenario made a check'] : []),
    ...failed.map(([name]) => `check failed: ${name}`),
  ];
}
