// Schedules: what the server starts by itself.
import type { WireError } from './errors.ts';
import type { Page } from './pages.ts';

/** The last run of a schedule that a scheduler started. */
export interface ScheduledRun {
  /** When it was due; a view is materialized as of this instant. */
  readonly due: string;
  readonly job: string;
  /** `retrying`: it failed, and is tried again. `failed`: given up. */
  readonly status: 'running' | 'succeeded' | 'retrying' | 'failed' | 'cancelled';
  /** Attempts that failed. */
  readonly failures: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly retryAt: string | null;
  readonly error: WireError | null;
}

export interface Schedule {
  /** Of the feature view, or of the schedule in the project file. */
  readonly name: string;
  readonly kind: 'view' | 'command';
  /** null: by boundaries. */
  readonly cron: string | null;
  readonly refresh: { readonly every: string; readonly delay: string } | null;
  /** Of a command. */
  readonly run: string | null;
  readonly catchUp: 'latest' | 'each';
  readonly paused: boolean;
  /** The newest instant at which it was due, and the next one; null where there is none. */
  readonly expected: string | null;
  readonly next: string | null;
  readonly lastRun: ScheduledRun | null;
  /** What somebody has to mend. */
  readonly problem: string | null;
}

/** GET /v1/schedules. */
export interface SchedulePage extends Page {
  /** Who runs them; null where no scheduler shows life. */
  readonly scheduler: { readonly host: string; readonly pid: number; readonly since: string } | null;
  /** By name. */
  readonly schedules: readonly Schedule[];
}
