// Replaces `node:test` in a worker: it collects the tests that a file of cases declares, so that the worker can run one by name.
// Node's runner reports them outside.
export const declared = new Map()

export const test = (name, run) => declared.set(name, run)
