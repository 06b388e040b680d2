// plumb get: one lookup, through the same code as the server; with --watch, until it is stopped.
import { InvalidArgumentError, Option } from 'commander';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import { type LookupQuery, parseLookupQuery } from '../../http/lookup/lookup-query.ts';
import { jsonLine } from '../../json-text.ts';
import type { JsonObject } from '../../lossless-json.ts';
import type { Register } from '../command.ts';
import { reportFailure } from '../failure.ts';
import { ask } from '../get/answer.ts';
import { answerText } from '../get/answer-text.ts';
import { getDraft } from '../get/draft.ts';
import { type EntityOptions, readEntities } from '../get/entities.ts';
import { getExplained } from '../get/explain.ts';
import { watch } from '../get/watch.ts';
import { watchView } from '../get/watch-view.ts';
import type { Invocation } from '../invocation.ts';

interface Options extends EntityOptions {
  readonly service?: string;
  readonly dataset?: string;
  readonly features?: readonly string[];
  readonly at?: string;
  readonly partial?: true;
  readonly draft?: true;
  readonly explain?: true;
  readonly saveCase?: string;
  /** Seconds. */
  readonly watch?: number;
}

const EXPLAIN = new Option(
  '--explain',
  'of one entity: the rows, window and run behind each value, computed anew and compared',
).conflicts(['dataset', 'draft', 'partial', 'watch']);
const SAVE_CASE = new Option(
  '--save-case <file>',
  'with --explain, of one feature: write a conformance case of it',
).implies({ explain: true });

export const registerGet: Register = (program, run) => {
  program
    .command('get')
    .description('look up the features of entities online')
    .option('--service <service>', 'the feature service; NAME@VERSION binds to what that version meant')
    .addOption(
      new Option(
        '--dataset <name@version>',
        'instead of a service: the features of a training set, as it has them',
      ).conflicts('service'),
    )
    .addOption(
      new Option('--features <names...>', 'instead of a service: view:feature or view:*').conflicts([
        'service',
        'dataset',
      ]),
    )
    .option('--entity <json...>', 'join keys as JSON, such as \'{"user_id": 1}\'')
    .addOption(new Option('--entities <file>', 'join keys as JSON Lines; - reads stdin').conflicts('entity'))
    .option('--at <instant>', 'evaluate windows and ages at this instant (default: now)')
    .option('--partial', 'where parts of the online store are away, answer the rest, with UNAVAILABLE in their place')
    .addOption(
      new Option('--draft', 'compute from the sources by the definitions in files; nothing is registered').conflicts([
        'dataset',
        'features',
        'partial',
        'watch',
      ]),
    )
    .addOption(EXPLAIN)
    .addOption(SAVE_CASE)
    .addOption(
      new Option('--watch [seconds]', 'look up again and again and show what changes (default: every second)')
        .preset('1')
        .argParser(parseSeconds),
    )
    .action(run(get));
};

async function get(invocation: Invocation, options: Options): Promise<number> {
  const entities = await readEntities(options, invocation.io);
  if (options.draft === true) {
    const { service, at } = options;
    return getDraft(invocation, await invocation.config(), { service, entities, at });
  }
  const query = queryOf(options, entities);
  const config = await invocation.config();
  if (options.explain === true) return getExplained(invocation, config, { query, saveCase: options.saveCase });
  if (options.watch !== undefined) return watchLookup(invocation, config, query, options.watch);
  await using lookups = await invocation.app.openLookups(config, invocation.openOptions());
  const answer = await ask(lookups, query);
  invocation.result(answer, () => answerText(entities, answer));
  return 0;
}

function queryOf(options: Options, entities: readonly JsonObject[]): LookupQuery {
  const { service, dataset, features, at, partial } = options;
  if (service === undefined && dataset === undefined && features === undefined) {
    throw new PlumbError(
      'INVALID_REQUEST',
      'found no features to look up, expected --service, --dataset or --features',
    );
  }
  const asked =
    service !== undefined ? { service } : dataset !== undefined ? { dataset } : { features: features ?? [] };
  const flags = { statuses: true, eventTimes: true, asOf: true, partial: partial === true };
  const body = { ...asked, entities, ...flags, ...(at === undefined ? {} : { at }) };
  return parseLookupQuery(body, Number.POSITIVE_INFINITY);
}

async function watchLookup(
  invocation: Invocation,
  config: Config,
  query: LookupQuery,
  everySeconds: number,
): Promise<number> {
  const { app, io, json } = invocation;
  // The view tells what a log would tell too, between the lines of a table that is redrawn in place.
  const quiet = { ...invocation.openOptions(), logger: invocation.logger('silent') };
  using view = watchView(io, json, query.entities);
  const watching = watch({ query, everySeconds, open: () => app.openLookups(config, quiet) }, view, io);
  return await watching.then(
    () => 0,
    (error) => failed(error, invocation),
  );
}

/** On a terminal the table has to end before the error is printed, so that is left to the caller. */
function failed(error: unknown, { json, io }: Invocation): number {
  if (json) return reportFailure(error, json, io, (document) => `${jsonLine(document)}\n`);
  throw error;
}

const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 86_400;

function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) return seconds;
  throw new InvalidArgumentError(`expected seconds from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}`);
}
