// Who runs a command, for what is written down about it.
import { hostname, userInfo } from 'node:os';

export function whoRuns(): { readonly user: string; readonly host: string } {
  return { user: userName(), host: hostname() };
}

/** A user that the system has only a number of, as in containers, has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
