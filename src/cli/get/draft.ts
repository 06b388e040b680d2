// `plumb get --draft`: the values of definitions in files, computed from the sources as a training set would.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import { formatInstant, nowMicros, requireInstantOrNow } from '../../instant.ts';
import { jsonLine } from '../../json-text.ts';
import type { JsonObject } from '../../lossless-json.ts';
import type { Evaluated } from '../../offline/dataset.ts';
import type { Invocation } from '../invocation.ts';
import { table } from '../table.ts';
import { valueCell } from './answer-text.ts';

export interface DraftQuery {
  readonly service: string | undefined;
  readonly entities: readonly JsonObject[];
  /** undefined: the clock. Also `now`, `now-7d`. */
  readonly at: string | undefined;
}

export async function getDraft(invocation: Invocation, config: Config, query: DraftQuery): Promise<number> {
  const { service, entities, at = 'now' } = query;
  if (service === undefined)
    throw new PlumbError('INVALID_REQUEST', 'found no service, expected --service beside --draft');
  const atMicros = requireInstantOrNow(at, '--at', nowMicros());
  using _interruptible = invocation.interruptible();
  await using datasets = await invocation.app.openDatasets(config, invocation.draftOptions(true));
  const evaluated = await datasets.evaluate({ service, entities, atMicros });
  const answer = { service, draft: true, ...evaluated, at: formatInstant(atMicros) };
  invocation.result(answer, () => draftText(entities, evaluated, answer.at));
  return 0;
}

function draftText(entities: readonly JsonObject[], { features, rows }: Evaluated, at: string): string {
  const blocks = entities.map((entity, i) => {
    const lines = features.map((name, column) => [name, valueCell(rows[i]?.[column])]);
    return `${jsonLine(entity)}\n${table(['feature', 'value'], lines)}\n`;
  });
  return [...blocks, `at ${at}, of definitions that are not registered`].join('\n');
}
