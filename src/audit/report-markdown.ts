// A report as Markdown, made to be a comment under a pull request.
import type { MovedFeature, Refill, VerifyChanges, VerifyReport } from '../../schemas/wire-types.ts';
import { count } from '../counted.ts';
import { exampleLine, rounded } from './report-lines.ts';

export function markdownReport(report: VerifyReport): string {
  const { changes } = report;
  const parts = [
    `### ${verdictOf(report)}`,
    about(report),
    differences(report),
    unseen(report.skipped, 'Not verified'),
  ];
  const moved = changes === undefined ? [] : changedParts(changes);
  return `${[...parts, ...moved].filter((part) => part !== '').join('\n\n')}\n`;
}

function verdictOf({ compared, differences }: VerifyReport): string {
  if (compared === 0) return '⚠️ Nothing was compared';
  if (differences > 0)
    return `❌ ${count(differences)} of ${count(compared)} values differ between training and serving`;
  return `✅ Serving returns what training has: ${count(compared)} values`;
}

const about = ({ version, service, seed, samples }: VerifyReport): string =>
  `${version === null ? 'A draft' : `Version ${version}`} of the definitions, ${service === null ? 'all services' : `service \`${service}\``}; seed ${seed}, at most ${count(samples)} keys and instants for each view.`;

const differences = ({ examples }: VerifyReport): string =>
  examples.length === 0 ? '' : `\`\`\`\n${examples.map(exampleLine).join('\n').replaceAll('```', "'''")}\n\`\`\``;

function changedParts(changes: VerifyChanges): readonly string[] {
  const { against, services, features, notCompared, refill } = changes;
  const moving = features.filter(({ moved }) => moved > 0);
  const still = features.filter(({ moved }) => moved === 0);
  return [
    `### Against version ${against}`,
    moving.length === 0 ? 'No feature that both versions have moves in the sample.' : movedTable(moving),
    still.length === 0
      ? ''
      : `Of changed views, not moved in the sample: ${names(still.map(({ feature }) => feature))}.`,
    ...services.map(
      ({ service, added, removed }) =>
        `Service \`${service}\`${added.length === 0 ? '' : ` gains ${names(added)}`}${added.length * removed.length === 0 ? '' : ' and'}${removed.length === 0 ? '' : ` loses ${names(removed)}`}.`,
    ),
    unseen(notCompared, 'Not compared'),
    refill.length === 0 ? 'Nothing has to be filled anew.' : refillTable(refill),
  ];
}

const movedTable = (moved: readonly MovedFeature[]): string =>
  table(
    ['feature', 'services', 'keys that move', 'values that move', 'by, on average', 'by, at most'],
    moved.map(({ feature, services, keys, movedKeys, compared, moved, meanAbs, maxAbs }) => [
      `\`${feature}\``,
      names(services),
      `${count(movedKeys)} of ${count(keys)}`,
      `${count(moved)} of ${count(compared)}`,
      rounded(meanAbs),
      rounded(maxAbs),
    ]),
  );

const refillTable = (refill: readonly Refill[]): string =>
  `To be filled anew with the next run:\n\n${table(
    ['view', 'why', 'takes about', 'rows'],
    refill.map(({ view, reason, seconds, rows }) => [
      `\`${view}\``,
      reason,
      seconds === null ? 'no former run' : `${seconds < 1 ? '<1' : Math.ceil(seconds)} s`,
      rows === null ? '' : count(rows),
    ]),
  )}`;

const unseen = (views: readonly { readonly view: string; readonly reason: string }[], title: string): string =>
  views.length === 0
    ? ''
    : `${title}:\n${views.map(({ view, reason }) => `- \`${view}\`: ${plain(reason)}`).join('\n')}`;

const names = (all: readonly string[]): string => all.map((name) => `\`${name}\``).join(', ');
/** Reasons may quote what users wrote. */
const plain = (text: string): string =>
  text.replaceAll(/[<>|`*_[\]\n]/g, (character) => (character === '\n' ? ' ' : `\\${character}`));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
