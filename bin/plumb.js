#!/usr/bin/env node
// @ts-check
// Starts Plumb under a Node that can run it. Plain JavaScript: this file must work on any Node from 20 on.
//
// Plumb runs its TypeScript by type stripping and needs Node 24; it brings one as the npm package `node`. An older Node
// that lands here runs this file again with that one and stands in for it: same arguments, same streams, signals passed
// on, same end. Only SIGKILL cannot be passed on: whoever kills this process hard leaves the real one running.
//
// Node strips no types under node_modules (ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING): the published package holds compiled
// JavaScript instead (scripts/build-package.ts).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
/** Set for the second start, so that a binary which is too old itself does not start itself forever. */
const SECOND_START = '_PLUMB_SECOND_START';

/** What a definition file left running, or a connection that does not close, does not keep a command that is done. */
const LEAVE_MILLIS = 1000;

const isSecondStart = process.env[SECOND_START] !== undefined;
delete process.env[SECOND_START];

if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) await startHere();
else if (isSecondStart) refuse(`Its own one at ${process.execPath} is no newer.`);
else startAgain();

/**
 * What Node compiles is kept beside Plumb for its next start: a command then takes half the processor time. Where that
 * folder cannot be written, Node goes on without. Not in the folder for temporary files: others may write there, and what is
 * read here is run.
 */
async function startHere() {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/plumb', import.meta.url)));
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
  setTimeout(() => process.exit(), LEAVE_MILLIS).unref();
}

function startAgain() {
  const packageFile = ownNodePackage();
  if (packageFile === null) return refuse('Its own one, the npm package `node`, is not installed.');
  const binary = join(dirname(packageFile), JSON.parse(readFileSync(packageFile, 'utf8')).bin.node);
  if (!existsSync(binary)) {
    return refuse(`Its own one has no binary at ${binary}: its install script did not run (--ignore-scripts?).`);
  }

  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(binary, args, { stdio: 'inherit', env: { ...process.env, [SECOND_START]: '1' } });
  child.on('error', (error) => refuse(`Its own one at ${binary} does not start: ${error.message}.`));

  // A terminal sends Ctrl-C and its hangup to the whole process group, so the child has them already: sent twice, they
  // would read as "stop now" instead of "stop gracefully".
  const hasTerminal = process.stdin.isTTY === true;
  const passOn = {
    SIGTERM: () => child.kill('SIGTERM'),
    SIGINT: () => hasTerminal || child.kill('SIGINT'),
    SIGHUP: () => hasTerminal || child.kill('SIGHUP'),
  };
  for (const [signal, handler] of Object.entries(passOn)) process.on(signal, handler);

  child.on('exit', (code, signal) => {
    for (const [name, handler] of Object.entries(passOn)) process.off(name, handler);
    if (signal === null) process.exit(code ?? 1);
    process.exitCode = 128 + constants.signals[signal]; // where the signal does not end this process
    process.kill(process.pid, signal);
  });
}

/** The package.json of the nearest `node` package: beside Plumb, or above it when Plumb is a dependency. */
function ownNodePackage() {
  try {
    return createRequire(import.meta.url).resolve('node/package.json');
  } catch {
    return null;
  }
}

/** @param {string} reason */
function refuse(reason) {
  console.error(`plumb needs Node ${NEEDED_MAJOR} or newer; this is ${process.version}. ${reason}`);
  console.error('Run `npm rebuild node` in the folder that holds node_modules, or `npm ci` without --ignore-scripts,');
  console.error(`or start plumb with a Node ${NEEDED_MAJOR} of your own.`);
  process.exit(1);
}
