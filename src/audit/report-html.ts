// A report as one page of HTML that needs nothing else: no script, no style sheet, no font.
import type { VerifyChanges, VerifyReport } from '../../schemas/wire-types.ts';
import { count } from '../counted.ts';
import { jsonLine } from '../json-text.ts';
import { markup, rounded, served, trained } from './report-lines.ts';

export function htmlReport(report: VerifyReport): string {
  const { differences, compared } = report;
  const [verdict, colour] =
    compared === 0
      ? ['Nothing was compared', '#b35900']
      : differences === 0
        ? ['Serving returns what training has', '#1a7f37']
        : [`${count(differences)} of ${count(compared)} values differ`, '#cf222e'];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>plumb verify: ${markup(verdict)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1 style="color: ${colour}">${markup(verdict)}</h1>
${facts(report)}
${features(report)}
${examples(report)}
${skipped(report)}
${report.changes === undefined ? '' : changed(report.changes)}
</body>
</html>
`;
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1f2328; background: #fff }
table { border-collapse: collapse; margin: 0.5rem 0 2rem }
th, td { border-bottom: 1px solid #d1d9e0; padding: 0.3rem 0.8rem; text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
tr.differs td { background: #ffebe9 }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere }
`;

const facts = ({ createdAt, version, service, seed, samples, seconds, compared, equal }: VerifyReport): string =>
  `<p>${count(compared)} values were compared, ${count(equal)} are equal. ${service === null ? 'All services' : `Service <code>${markup(service)}</code>`},
${version === null ? 'a draft' : `version ${version}`} of the definitions, seed ${seed}, at most ${count(samples)} keys and instants for each view, ${seconds.toFixed(1)} s, ${markup(createdAt)}.</p>`;

function features(report: VerifyReport): string {
  const rows = report.features.map(({ feature, compared, differs, maxAbs }) => {
    const cells = [
      code(feature),
      number(count(compared)),
      number(count(differs)),
      number(maxAbs === null ? '' : String(maxAbs)),
    ];
    return `<tr${differs > 0 ? ' class="differs"' : ''}>${cells.join('')}</tr>`;
  });
  return section('Features', ['feature', 'compared', 'differ', 'greatest distance'], rows);
}

const examples = (report: VerifyReport): string =>
  section(
    'Examples of differences',
    ['feature', 'entity', 'at', 'training', 'serving'],
    report.examples.map((example) => {
      const cells = [example.feature, jsonLine(example.entity), example.at, trained(example), served(example)];
      return `<tr>${cells.map(code).join('')}</tr>`;
    }),
  );

const skipped = (report: VerifyReport): string =>
  section(
    'Not compared',
    ['view', 'why'],
    report.skipped.map(({ view, reason }) => `<tr>${code(view)}<td>${markup(reason)}</td></tr>`),
  );

const changed = ({ against, services, features, notCompared, refill }: VerifyChanges): string =>
  [
    section(
      `Moved against version ${against}`,
      ['feature', 'services', 'keys that move', 'of', 'by, on average', 'by, at most'],
      features.map(({ feature, services, keys, movedKeys, meanAbs, maxAbs }) => {
        const numbers = [count(movedKeys), count(keys), rounded(meanAbs), rounded(maxAbs)].map(number);
        return `<tr>${code(feature)}${code(services.join(', '))}${numbers.join('')}</tr>`;
      }),
    ),
    section(
      'Columns of services',
      ['service', 'gains', 'loses'],
      services.map(
        ({ service, added, removed }) =>
          `<tr>${[service, added.join(', '), removed.join(', ')].map(code).join('')}</tr>`,
      ),
    ),
    section(
      `Not compared with version ${against}`,
      ['view', 'why'],
      notCompared.map(({ view, reason }) => `<tr>${code(view)}<td>${markup(reason)}</td></tr>`),
    ),
    section(
      'To be filled anew',
      ['view', 'why', 'seconds, about', 'rows'],
      refill.map(({ view, reason, seconds, rows }) => {
        const numbers = [seconds?.toFixed(1) ?? '', rows === null ? '' : count(rows)].map(number);
        return `<tr>${code(view)}${code(reason)}${numbers.join('')}</tr>`;
      }),
    ),
  ].join('\n');

function section(title: string, head: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '';
  const names = head.map((name) => `<th>${name}</th>`).join('');
  return `<h2>${title}</h2>\n<table>\n<thead><tr>${names}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

const code = (text: string): string => `<td><code>${markup(text)}</code></td>`;
const number = (text: string): string => `<td class="number">${markup(text)}</td>`;
