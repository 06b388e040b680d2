// A container without an engine: a root folder of its own (the system's /usr and /etc beneath it, not to be written), a user
// by number, no capabilities, no new rights, a read-only root where asked for. What it does not have: a network of its own,
// limits, the files of the base image. Needs root and mounts; each run has its mounts for itself, gone when it ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface JailRun {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** `uid:gid`. */
  readonly user: string;
  readonly isReadOnly: boolean;
  /** Folder of this machine → folder in the jail. */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface JailProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** null, or why there can be no jail here. */
export function whyNoJail(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make one';
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], {
    encoding: 'utf8',
  });
  return status === 0 ? null : `mounts are not permitted: ${stderr}`;
}

const SYSTEM = ['usr', 'etc', 'dev', 'proc'] as const;
const LINKS = ['bin', 'lib', 'lib64', 'sbin'] as const;
/** The directory of the `node` of the image. */
const NODE_BIN = '/opt/node/bin';

export async function makeJail(root: string): Promise<void> {
  for (const folder of [...SYSTEM, 'tmp', NODE_BIN]) await mkdir(join(root, folder), { recursive: true });
  for (const link of LINKS) await symlink(`usr/${link}`, join(root, link));
  await writeFile(join(root, NODE_BIN, 'node'), '');
}

export function runInJail(root: string, { command, cwd, env, user, isReadOnly, volumes = {} }: JailRun): JailProcess {
  const [uid = '', gid = ''] = user.split(':');
  const script = [
    `mount --bind "$ROOT" "$ROOT"`,
    ...SYSTEM.map((name) => `mount --rbind /${name} "$ROOT/${name}"`),
    ...['usr', 'etc'].map((name) => `mount -o remount,bind,ro "$ROOT/${name}"`),
    `mount --bind '${process.execPath}' "$ROOT${NODE_BIN}/node"`,
    `mount -t tmpfs -o mode=1777,noexec,nosuid tmpfs "$ROOT/tmp"`,
    ...Object.entries(volumes).map(([from, to]) => `mkdir -p "$ROOT${to}"; mount --bind '${from}' "$ROOT${to}"`),
    isReadOnly ? `mount -o remount,bind,ro "$ROOT"` : ':',
    `exec chroot "$ROOT" setpriv --reuid ${uid} --regid ${gid} --clear-groups ${uid === '0' ? '' : '--no-new-privs --bounding-set=-all --inh-caps=-all'} sh -c 'cd "$0" && exec "$@"' "$@"`,
  ].join('\n');
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-ec', script, 'jail', cwd, ...command],
    {
      env: { PATH: `${NODE_BIN}:/usr/local/bin:/usr/bin:/usr/sbin:/bin`, ...env, ROOT: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]).then(([out, err, code]) => ({ code, output: out + err }));
  return { child, ended };
}
