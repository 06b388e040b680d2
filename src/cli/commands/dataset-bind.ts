// plumb dataset bind | retire: whether lookups by a training set are answered whatever is defined now.
import type { Command } from 'commander';
import type { DatasetBinding } from '../../../schemas/wire-types.ts';
import type { Run } from '../command.ts';
import { parseReference } from '../dataset-reference.ts';
import { table } from '../table.ts';

interface Binding {
  readonly word: 'bind' | 'retire';
  readonly description: string;
  readonly textOf: (binding: DatasetBinding) => string;
}

const register =
  ({ word, description, textOf }: Binding) =>
  (dataset: Command, run: Run): void => {
    dataset
      .command(word)
      .description(description)
      .argument('<name[@version]>', 'its name, and the version (default: the newest)')
      .action(
        run(async (invocation, reference: string) => {
          const { name, version } = parseReference(reference);
          const config = await invocation.config();
          await using bindings = await invocation.app.openBindings(config, invocation.openOptions());
          const binding = await bindings[word](name, version);
          invocation.result(binding, () => textOf(binding));
          return 0;
        }),
      );
  };

export const registerBind = register({
  word: 'bind',
  description: 'serve the features of a dataset as it has them, whatever is defined from now on',
  textOf: boundText,
});

export const registerRetire = register({
  word: 'retire',
  description: 'end what bind began: its former definitions are run no more and leave',
  textOf: retiredText,
});

const SERVED: Readonly<Record<DatasetBinding['views'][number]['served'], string>> = {
  present: 'by the present definition',
  held: 'by a former definition, which goes on being run',
  to_fill: 'by nothing yet: the next materialization fills it',
  leaving: 'no more: it leaves after the grace period',
};

function boundText({ name, version, changed, views }: DatasetBinding): string {
  const set = `${name}@${version}`;
  const toFill = views.filter(({ served }) => served === 'to_fill').map(({ view }) => view);
  return [
    changed ? `${set} is bound until \`plumb dataset retire ${set}\`.` : `${set} was bound before; nothing changed.`,
    viewsText(views),
    ...(toFill.length === 0
      ? []
      : [`Until \`plumb materialize ${toFill.join(' ')}\`, lookups by ${set} are refused with 409.`]),
  ].join('\n');
}

function retiredText({ name, version, changed, views }: DatasetBinding): string {
  const set = `${name}@${version}`;
  if (!changed) return `${set} was not bound; nothing changed.`;
  const end = `${set} is retired.`;
  return views.length === 0 ? `${end} No generation was held for it alone.` : `${end}\n${viewsText(views)}`;
}

const viewsText = (views: DatasetBinding['views']): string =>
  table(
    ['view', 'served', 'generation', 'watermark'],
    views.map(({ view, served, generation, watermark }) => [view, SERVED[served], generation, watermark]),
  );
