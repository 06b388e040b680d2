// `plumb get --explain`: a lookup of one entity, and behind each value the rows, window and run that it comes from.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Explained } from '../../audit/explain/explainer.ts';
import type { Explanation, RowTold, WindowTold } from '../../audit/explain/explanation.ts';
import type { Config } from '../../config/config.ts';
import { answeredEntity, requireExplainable } from '../../http/lookup/explained-lookup.ts';
import type { LookupQuery } from '../../http/lookup/lookup-query.ts';
import { jsonLine } from '../../json-text.ts';
import type { JsonObject } from '../../lossless-json.ts';
import type { Invocation } from '../invocation.ts';
import { table } from '../table.ts';
import { type Answer, ask } from './answer.ts';
import { valueCell } from './answer-text.ts';

export interface ExplainQuery {
  readonly query: LookupQuery;
  /** A path, where the one value is written to as a conformance case. */
  readonly saveCase: string | undefined;
}

export async function getExplained(
  invocation: Invocation,
  config: Config,
  { query, saveCase }: ExplainQuery,
): Promise<number> {
  const explainable = requireExplainable(query, '--explain');
  const { entity } = explainable;
  const { app } = invocation;
  using _interruptible = invocation.interruptible();
  await using lookups = await app.openLookups(config, invocation.openOptions());
  const answer = await ask(lookups, query);
  if (saveCase !== undefined) requireOneFeature(answer);
  await using explainer = await app.openExplainer(config, invocation.openOptions());
  const asked = answeredEntity(explainable, answer, query.int64);
  const [explained, labels] = [await explainer.explain(asked), await explainer.labels(asked)];
  if (saveCase !== undefined) await save(resolve(invocation.io.cwd, saveCase), explained[0] as Explained);
  const explanations = explained.map(({ explanation }) => explanation);
  const notServed = labels.length === 0 ? {} : { notServed: labels };
  invocation.result({ ...answer, explain: explanations, ...notServed }, () =>
    [explainText(entity, answer, explanations), ...labels.map(notServedText)].join('\n'),
  );
  return 0;
}

const notServedText = (name: string): string =>
  `${name} is not served: it is a label, which tells what comes after an instant; training sets have it`;

function requireOneFeature({ features }: Answer): void {
  if (features.length === 1) return;
  const message = `--save-case: found ${features.length} features, expected one, such as --features user_clicks:clicks_7d`;
  throw new PlumbError('INVALID_REQUEST', message);
}

async function save(path: string, explained: Explained): Promise<void> {
  const { conformanceCase } = await import('../../audit/explain/conformance-case.ts');
  const text = `${JSON.stringify(conformanceCase(explained), null, 1)}\n`;
  try {
    await writeFile(path, text);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    throw new PlumbError('INVALID_REQUEST', `--save-case: cannot write ${path}: ${why}`, { cause });
  }
}

function explainText(entity: JsonObject, { at, version }: Answer, explanations: readonly Explanation[]): string {
  const blocks = explanations.map((explanation) => explanationText(explanation));
  return [jsonLine(entity), '', ...blocks, `at ${at}, registry version ${version}`].join('\n');
}

function explanationText(explanation: Explanation): string {
  const { name, value, status, recomputed, equal, notes, rows, rowsTotal, run, defaultApplied } = explanation;
  const verdict = equal ? 'equal' : `DIFFERENT: the rows come to ${valueCell(recomputed.value)} ${recomputed.status}`;
  const shown = rows.length < rowsTotal ? `, the first ${rows.length} of them` : '';
  const lines = [
    `${name} = ${valueCell(value)} ${status}${defaultApplied ? ', its default' : ''}`,
    `  computed anew  ${verdict}`,
    `  window         ${windowText(explanation.window)}${explanation.scheduled ? ', a boundary' : ''}`,
    `  run            ${run.id}, as of ${run.watermark}, generation ${run.generation}`,
    `  rows           ${rowsTotal}${shown}`,
    ...notes.map((note) => `  note           ${note}`),
  ];
  return `${lines.join('\n')}\n${rows.length === 0 ? '' : rowsTable(rows)}`;
}

function windowText({ from, to, includesTo, oldest }: WindowTold): string {
  const start = from === null ? 'all' : `from ${from}`;
  const age = oldest === null ? '' : `, too old before ${oldest}`;
  return `${start} ${includesTo ? 'up to and at' : 'before'} ${to}${age}`;
}

function rowsTable(rows: readonly RowTold[]): string {
  const columns = Object.keys(rows[0]?.columns ?? {});
  const hasCreated = rows.some(({ createdTime }) => createdTime !== null);
  const lines = rows.map(({ file, eventTime, createdTime, columns: cells }) => [
    ...[eventTime, ...(hasCreated ? [createdTime] : [])],
    ...columns.map((column) => valueCell(cells[column])),
    file,
  ]);
  const head = ['event time', ...(hasCreated ? ['created'] : []), ...columns, 'file'];
  return `${table(head, lines)}\n`;
}
