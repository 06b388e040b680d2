// plumb get: one lookup, through the same code as the server.
import { PlumbError } from '../../../schemas/errors.ts';
import { parseOnlineFeaturesQuery } from '../../http/online-features-query.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../lossless-json.ts';
import type { Register } from '../command.ts';
import { jsonLine } from '../json.ts';
import { type Cell, table } from '../table.ts';

interface Options {
  readonly service: string;
  readonly entity: readonly string[];
  readonly at?: string;
}

export const registerGet: Register = (program, run) => {
  program
    .command('get')
    .description('look up the features of entities online')
    .requiredOption('--service <service>', 'the feature service')
    .requiredOption('--entity <json...>', 'join keys as JSON, such as \'{"user_id": 1}\'')
    .option('--at <instant>', 'evaluate windows and ages at this instant (default: now)')
    .action(
      run(async (invocation, { service, entity, at }: Options) => {
        const entities = entity.map(parseEntity);
        const flags = { statuses: true, eventTimes: true, asOf: true };
        const body = { service, entities, ...flags, ...(at === undefined ? {} : { at }) };
        const query = parseOnlineFeaturesQuery(body, Number.POSITIVE_INFINITY);
        const config = await invocation.config();
        await using serving = await invocation.app.openServing(config, invocation.openOptions());
        const answer = parseJson(
          Buffer.from(await serving.answer(query)).toString(),
          'the answer',
        ) as unknown as Answer;
        invocation.result(answer, () => answerText(entities, answer));
        return 0;
      }),
    );
};

interface Answer {
  readonly version: number;
  readonly features: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly statuses: readonly (readonly string[])[];
  readonly at: string;
}

function parseEntity(text: string): JsonObject {
  const entity = parseJson(text, `--entity ${text}`);
  if (isJsonObject(entity)) return entity;
  throw new PlumbError('INVALID_REQUEST', `--entity: found ${text}, expected an object such as {"user_id": 1}`);
}

function answerText(entities: readonly JsonObject[], { features, rows, statuses, at, version }: Answer): string {
  const blocks = entities.map((entity, i) => {
    const lines = features.map((feature, j): readonly Cell[] => [
      feature,
      valueText(rows[i]?.[j]),
      statuses[i]?.[j] ?? null,
    ]);
    return `${jsonLine(entity)}\n${table(['feature', 'value', 'status'], lines)}\n`;
  });
  return [...blocks, `at ${at}, registry version ${version}`].join('\n');
}

const valueText = (value: Json | undefined): Cell => (typeof value === 'string' ? value : jsonLine(value ?? null));
