// k6/execution: where the script is. One VU that runs each scenario once.
export const scenario = {
  name: '',
  executor: '',
  startTime: Date.now(),
  progress: 0,
  iterationInInstance: 0,
  iterationInTest: 0,
};
export const vu = { idInInstance: 1, idInTest: 1, iterationInInstance: 0, iterationInScenario: 0, tags: {} };
export const test = {
  abort(message = 'aborted'): never {
    throw new Error(message);
  },
  fail(message = 'failed'): never {
    throw new Error(message);
  },
};
export default { scenario, vu, test };
