// One call of the API → its answer, with retries, timeouts and the caller's signal. Knows no route.
import { PlumbProtocolError } from '../errors.ts';
import { parseJson } from '../json.ts';
import { type Answer, attempt } from './attempt.ts';
import { type Call, label } from './call.ts';
import { requireOk } from './failure.ts';
import type { Settings } from './options.ts';
import { delayBeforeRetry } from './retry.ts';
import { pause } from './timing.ts';

export interface Transport {
  /** The 2xx answer, its body complete. */
  send(call: Call): Promise<Answer>;
  /** Its body as JSON. */
  json<T>(call: Call): Promise<T>;
}

export function createTransport(settings: Settings): Transport {
  const send = (call: Call): Promise<Answer> => sendWithRetries(settings, call);
  return { send, json: async (call) => parseAnswer(call, await send(call)) as never };
}

async function sendWithRetries(settings: Settings, call: Call): Promise<Answer> {
  const timeoutMillis = call.timeoutMillis ?? settings.timeoutMillis;
  const deadline = performance.now() + timeoutMillis;
  const retries = call.retries ?? settings.retries;
  for (let failed = 0; ; failed += 1) {
    call.signal?.throwIfAborted();
    try {
      return requireOk(call, await attempt(settings, call, deadline, timeoutMillis));
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason;
      if (failed >= retries) throw error;
      const delayMillis = delayBeforeRetry(call.retry, error, failed);
      // Where the time would not do, the failure itself says more than a timeout.
      if (delayMillis === null || performance.now() + delayMillis >= deadline) throw error;
      await pause(delayMillis, call.signal);
    }
  }
}

/** PlumbProtocolError where it is no JSON. */
export function parseAnswer(call: Call, { status, body }: Answer): unknown {
  const text = new TextDecoder().decode(body);
  try {
    return parseJson(text);
  } catch (cause) {
    const found = text === '' ? 'an empty body' : JSON.stringify(text.slice(0, 80));
    throw new PlumbProtocolError(`${label(call)}: expected JSON with status ${status}, found ${found}`, { cause });
  }
}
