// Explanations as the JSON that clients receive: made where they are computed, so that a server only passes it on.
import { PlumbError } from '../../../schemas/errors.ts';
import { jsonLine } from '../../json-text.ts';
import type { Explained } from './explainer.ts';

const MOST_BYTES = 8 * 1024 * 1024;

/** A list, one per feature. TOO_LARGE beyond 8 MiB: rows of sources may hold long text. */
export function explanationText(explained: readonly Explained[], mostBytes = MOST_BYTES): string {
  const text = jsonLine(explained.map(({ explanation }) => explanation));
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= mostBytes) return text;
  const message = `$.explain: the explanation has ${sizeBytes} bytes, expected at most ${mostBytes}: name fewer features, with "features"`;
  throw new PlumbError('TOO_LARGE', message, {
    details: { path: '$.explain', limit: 'explanationBytes', explanationBytes: mostBytes },
  });
}
