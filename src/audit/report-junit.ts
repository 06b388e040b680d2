// A report as JUnit XML: a test case for each feature, so that a build shows which one differs.
import type { VerifyReport } from '../../schemas/wire-types.ts';
import { exampleLine, markup } from './report-lines.ts';

export function junitReport(report: VerifyReport): string {
  const cases = [...featureCases(report), ...skippedCases(report)];
  if (report.compared === 0) cases.push(testCase('verify', 'verify', '<failure message="nothing was compared"/>'));
  const failures = report.features.filter(({ differs }) => differs > 0).length + (report.compared === 0 ? 1 : 0);
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${report.skipped.length}"`;
  const time = `time="${report.seconds.toFixed(3)}" timestamp="${report.createdAt}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name="plumb verify" ${counts} ${time}>\n${cases.join('\n')}\n</testsuite>\n</testsuites>\n`;
}

const featureCases = ({ features, examples }: VerifyReport): string[] =>
  features.map(({ feature, compared, differs }) => {
    if (differs === 0) return testCase(viewOf(feature), feature);
    const lines = examples.filter((example) => example.feature === feature).map(exampleLine);
    const message = `${differs} of ${compared} values differ`;
    return testCase(viewOf(feature), feature, `<failure message="${message}">${markup(lines.join('\n'))}</failure>`);
  });

const skippedCases = ({ skipped }: VerifyReport): string[] =>
  skipped.map(({ view, reason }) => testCase(view, view, `<skipped message="${markup(reason)}"/>`));

const viewOf = (feature: string): string => feature.slice(0, feature.indexOf(':'));

function testCase(view: string, name: string, body = ''): string {
  const open = `<testcase classname="${markup(view)}" name="${markup(name)}"`;
  return body === '' ? `${open}/>` : `${open}>${body}</testcase>`;
}
