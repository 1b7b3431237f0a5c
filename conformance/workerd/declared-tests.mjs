// Stands for `node:test` in a worker: it keeps what a file of cases declares, so that the worker can run one by name.
// The tests themselves are told outside, by Node's runner.
export const declared = new Map()

export const test = (name, run) => declared.set(name, run)
