// The S3 server that tests use, for a bench: in a process of its own, which ends with this one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../test/servers/s3-process.ts', import.meta.url));

interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
  /** Variables of the environment. */
  readonly credentials: Readonly<Record<string, string>>;
}

export type S3Server = S3Place & AsyncDisposable;

export async function startS3(): Promise<S3Server> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said = await Promise.race([once(child.stdout, 'data'), ended]);
  if (!Buffer.isBuffer(said[0])) throw new Error('the S3 server did not start');
  return {
    ...(JSON.parse(said[0].toString()) as S3Place),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
