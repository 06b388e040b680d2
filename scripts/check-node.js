// Runs before every npm script that runs TypeScript. npm puts the project's own Node first in PATH, but after an install
// without scripts it is not there, and the machine's older Node would run instead, silently.
const neededMajor = 24;
if (Number.parseInt(process.versions.node, 10) < neededMajor) {
  console.error(`This needs Node ${neededMajor} or newer; npm runs ${process.version} (${process.execPath}).`);
  console.error('The project brings its own as the npm package `node`, whose install script did not run.');
  console.error('Run `npm rebuild node`, or `npm ci` without --ignore-scripts.');
  process.exit(1);
}
