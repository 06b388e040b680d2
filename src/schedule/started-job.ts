// A due run → the job that does it.
import { PlumbError } from '../../schemas/errors.ts';
import { formatInstant } from '../instant.ts';
import type { NewJob } from '../jobs/job-states.ts';
import { commandWords } from './command-words.ts';
import type { Schedule } from './schedules.ts';

/** `isNow`: somebody asks for it, so that a view which another run took further meanwhile follows. */
export function jobOf(schedule: Schedule, dueMicros: bigint, isNow = false): NewJob {
  if (schedule.kind === 'view') {
    const views = [schedule.view];
    const former = schedule.isOfFormer ? { isOfFormer: true as const } : {};
    const mode = 'incremental';
    return {
      kind: 'materialization',
      request: { views, until: formatInstant(dueMicros), mode },
      work: { kind: 'materialization', request: { views, untilMicros: dueMicros, isUntilNow: isNow, mode, ...former } },
    };
  }
  const { name, run } = schedule;
  const words = commandWords(run);
  if (words === null) throw new PlumbError('INVALID_CONFIG', `schedule ${name}: a quote of its command has no end`);
  return { kind: 'command', request: { schedule: name, run }, work: { kind: 'command', words } };
}
