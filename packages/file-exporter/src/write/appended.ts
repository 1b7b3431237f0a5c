// Who wants to know that an exporter of this process has appended something: a delivery need not look for it then. Other
// processes' appends are found by looking.

const listeners = new WeakMap<object, Set<AppendListener>>()

/** Gets the paths that have grown. It must only note them: it is called by the writer. */
export type AppendListener = (paths: readonly string[]) => void

/** The exporter can be listened to from now on. Returns what tells its listeners. */
export const announceAppends = (exporter: object): AppendListener => {
  const own = new Set<AppendListener>()
  listeners.set(exporter, own)
  return (paths) => {
    for (const listener of own) listener(paths)
  }
}

/** Whether it can be listened to: file exporters can. */
export const announcesAppends = (exporter: object): boolean => listeners.has(exporter)

/** Returns how to stop listening; `undefined` for what is no file exporter. */
export const onAppended = (exporter: object, listener: AppendListener): (() => void) | undefined => {
  const own = listeners.get(exporter)
  own?.add(listener)
  return own && (() => void own.delete(listener))
}
