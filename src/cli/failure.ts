// Errors → exit code and what is printed. Only a PlumbError's own words are shown; anything else is a defect.
import { asPlumbError, ERRORS } from '../../schemas/errors.ts';
import { jsonText } from '../json-text.ts';
import { withoutSecrets } from '../key-text.ts';
import type { Io } from './io.ts';

/** Prints the failure and returns the exit code. `asJson`: one document, which a stream of lines wants on one line. */
export function reportFailure(error: unknown, json: boolean, io: Io, asJson = jsonText): number {
  const failure = asPlumbError(error);
  const { code, message } = failure;
  const details = { ...failure.details, ...failure.privateDetails };
  if (json) io.out(withoutSecrets(asJson({ error: { code, message, details } })));
  else io.err(withoutSecrets(`error: ${message}\n`));
  debugFailure(error, io);
  return ERRORS[code].exit;
}

/** PLUMB_DEBUG=1 shows where an error came from. */
export function debugFailure(error: unknown, io: Io): void {
  if (io.env.PLUMB_DEBUG === '1') io.err(`${stackOf(error)}\n`);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? `${error.stack}` : `${error.stack}\ncaused by: ${stackOf(error.cause)}`;
}
