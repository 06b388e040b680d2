#!/usr/bin/env node
// @ts-check
// The health check of the container image: asks the server in the same container, and ends with 0 where it answers 200.
// Plain JavaScript and nothing imported, because it is started every few seconds.
//
//   node bin/plumb-health.js            /healthz: the process lives
//   node bin/plumb-health.js /readyz    lookups are answered
const path = process.argv[2] ?? '/healthz';
const port = process.env.PLUMB_SERVER_PORT || '6567';

/** @returns {Promise<boolean>} */
async function isHealthy() {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4000) });
    console.log(`${response.status} ${await response.text()}`);
    return response.ok;
  } catch (error) {
    console.log(`${path}: ${error instanceof Error ? (error.cause ?? error.message) : error}`);
    return false;
  }
}

process.exitCode = (await isHealthy()) ? 0 : 1;
