// Work on a disk, written once and done in two ways: step by step, without blocking, or all at once as the process
// ends. What the work is, is written in write/.
import type { FileLayer, NowLayer } from "./file-layer.ts"

/** A disk in either way. */
export type Disk = FileLayer | NowLayer

/** Work that yields one operation after the other, and gets each answer. */
export type DiskWork<A> = Generator<(disk: Disk) => unknown, A, unknown>

/** One operation. */
export function* step<A>(operation: (disk: Disk) => A | Promise<A>): DiskWork<Awaited<A>> {
  return (yield operation) as Awaited<A>
}

/**
 * Does the work without blocking. As soon as `isOver` says so, nothing more of it is begun but what it must leave in
 * order, one operation for each `finally`: then the answer is `undefined`.
 */
export const doInSteps = async <A>(
  work: DiskWork<A>,
  disk: FileLayer,
  isOver: () => boolean = () => false
): Promise<A | undefined> => {
  let isLeft = false
  // Each time anew: work that waits inside a `finally` of its callee has forgotten by then that it is left, and neither an
  // answer nor an error may lead it to what comes next.
  const leave = (): IteratorResult<(disk: Disk) => unknown, A> => {
    isLeft = true
    return work.return(undefined as never)
  }
  let next = work.next()
  while (next.done !== true) {
    const operation = next.value
    try {
      const answer = await operation(disk)
      next = isLeft || isOver() ? leave() : work.next(answer)
    } catch (error) {
      next = isLeft || isOver() ? leave() : work.throw(error)
    }
  }
  return isLeft ? undefined : next.value
}

/** Does the work at once. */
export const doAtOnce = <A>(work: DiskWork<A>, disk: NowLayer): A => {
  let next = work.next()
  while (next.done !== true) {
    const operation = next.value
    let answer: unknown
    try {
      answer = operation(disk)
    } catch (error) {
      next = work.throw(error)
      continue
    }
    next = work.next(answer)
  }
  return next.value
}
