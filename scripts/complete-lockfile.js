// Adds to package-lock.json the optional packages of other platforms that the registry in use did not have at the time:
// a mirror that lags leaves them out, and `npm ci` then refuses the lock file ("Missing: X from lock file"). Such a
// package is known by its parent's exact version; platform and libc are read from its name. Run it after `npm install`.
//
//   node scripts/complete-lockfile.js           writes what is missing
//   node scripts/complete-lockfile.js --check   exit 1 if something is missing
import { readFileSync, writeFileSync } from 'node:fs';

const OS = /(?:^|-)(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?=-|$)/;
const CPU = /(?:^|-)(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?=-|$)/;

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => [`node_modules/${name}`, platformPackage(name, version, entry.dev)]),
);

for (const [path] of added) console.log(`missing: ${path}`);
if (added.length > 0 && process.argv.includes('--check')) process.exit(1);
if (added.length > 0) {
  const [root, ...rest] = Object.entries({ ...lock.packages, ...Object.fromEntries(added) });
  rest.sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([root, ...rest]);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

/** As Node looks a package up: beside the one that asks, then in every folder above it. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    if (lock.packages[`${at}/node_modules/${name}`]) return true;
    if (!at.includes('/node_modules/')) return lock.packages[`node_modules/${name}`] !== undefined;
  }
}

function platformPackage(name, version, dev) {
  const base = name.slice(name.indexOf('/') + 1);
  const os = OS.exec(base)?.[1];
  const cpu = CPU.exec(base)?.[1];
  if (!os || !cpu || !/^\d/.test(version)) throw new Error(`cannot tell the platform or version of ${name}@${version}`);
  const libc = /musl/.test(base) ? 'musl' : /-gnu/.test(base) ? 'glibc' : null;
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [libc] }), optional: true, os: [os] };
}
