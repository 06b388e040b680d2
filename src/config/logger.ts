// Structured logs to stderr through pino; the level by PLUMB_LOG_LEVEL.
import { destination, type Logger, levels, pino } from 'pino';
import { PlumbError } from '../../schemas/errors.ts';
import { withoutSecrets } from '../key-text.ts';

export type { Logger };

const LEVELS: readonly string[] = [...Object.keys(levels.values), 'silent'];
const STDERR = 2;

export type DefaultLevel = 'info' | 'warn' | 'silent';

export function createLogger(env: Readonly<Record<string, string | undefined>>, defaultLevel: DefaultLevel): Logger {
  const level = env.PLUMB_LOG_LEVEL ?? defaultLevel;
  if (!LEVELS.includes(level)) {
    throw new PlumbError(
      'INVALID_CONFIG',
      `PLUMB_LOG_LEVEL: found ${JSON.stringify(level)}, expected one of ${LEVELS.join(', ')}`,
    );
  }
  const stderr = destination({ fd: STDERR, sync: true });
  // Whatever a client sent, and wherever it ended up in a line.
  return pino({ level, base: null }, { write: (line) => stderr.write(withoutSecrets(line)) });
}
