// Whoever stood still for longer than its lease, and was overtaken meanwhile, commits nothing when it goes on.
import { type CommandEvent, commandsOf, type Event } from '../event-log.ts';
import { type RunSaid, said } from './said.ts';
import { type Violation, violation } from './violation.ts';

/** Behind them the run is live, and to say so is all that is left. */
const COMMITTED = /^(materialize\.(published|reported)|object\.|lease\.)/;

export function checkFencing(events: readonly Event[]): readonly Violation[] {
  const commands = commandsOf(events);
  return commands.filter(stoodBeforeCommit).flatMap((paused) =>
    succeeded(paused).flatMap((own) => {
      const overtaking = commands.find(
        (other) => other !== paused && succeeded(other).some((run) => overtook(run, own)),
      );
      if (overtaking === undefined) return [];
      return [
        violation(
          'fencing',
          `run ${own.run} of ${own.view} was overtaken while it stood still, and says that it succeeded`,
        ),
      ];
    }),
  );
}

function stoodBeforeCommit({ harm, wasHarmed }: CommandEvent): boolean {
  const isPause = harm?.kind === 'pause_at' || harm?.kind === 'meanwhile';
  return wasHarmed && isPause && !COMMITTED.test(harm.failpoint);
}

const succeeded = (event: CommandEvent): readonly RunSaid[] =>
  (said(event)?.runs ?? []).filter(({ outcome }) => outcome === 'succeeded');

/** A greater token, and done before the lesser one. */
const overtook = (run: RunSaid, own: RunSaid): boolean =>
  run.view === own.view && Number(run.run) > Number(own.run) && Date.parse(run.finishedAt) < Date.parse(own.finishedAt);
