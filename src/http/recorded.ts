// Changes over HTTP by who has a key are written down: every operation that takes more than the role of a reader.
import type { Context, Handler } from 'hono';
import { ERRORS, PlumbError } from '../../schemas/errors.ts';
import type { Operation } from '../../schemas/operations.ts';
import type { ChangeLog, RecordedChange } from '../access/change-log.ts';
import { withoutSecrets } from '../key-text.ts';
import type { ErrorLogger } from './errors.ts';

export interface RecordingPorts {
  readonly changes: ChangeLog;
  readonly logger: ErrorLogger;
}

export const isRecorded = ({ access, isFrequent }: Operation): boolean =>
  access !== 'open' && access.role !== 'reader' && isFrequent !== true;

/** Around a handler whose caller is known. */
export const recorded =
  ({ id }: Operation, handler: Handler, ports: RecordingPorts): Handler =>
  async (context, next) => {
    const { keyId } = context.get('caller');
    if (keyId === null) return await handler(context, next);
    const change = await ports.changes.begin({
      by: { key: keyId },
      operation: id,
      target: withoutSecrets(context.req.path),
      requestId: context.get('requestId'),
    });
    return await outcomeOf(context, () => handler(context, next), change, ports.logger);
  };

async function outcomeOf(
  context: Context,
  act: () => Promise<Response> | ReturnType<Handler>,
  change: RecordedChange,
  logger: ErrorLogger,
): Promise<Response> {
  const settle = (written: Promise<void>): Promise<void> =>
    written.catch((err: unknown) =>
      logger.error({ err, requestId: context.get('requestId') }, 'the outcome of a change could not be written down'),
    );
  try {
    const response = (await act()) as Response;
    await settle(change.end({ failed: null, made: response.headers.get('location') }));
    return response;
  } catch (error) {
    const code = error instanceof PlumbError ? error.code : 'INTERNAL';
    // What was refused changed nothing, and would fill the log.
    await settle(ERRORS[code].status < 500 ? change.drop() : change.end({ failed: code, made: null }));
    throw error;
  }
}
