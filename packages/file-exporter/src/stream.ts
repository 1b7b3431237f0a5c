// The entry of `@daybook/file-exporter/stream`: the readers as Effect Streams, under the names that they have as async
// iterables. An entry of its own, because Stream is large and most readers do not want it.
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type {
  FollowClock,
  FollowOptions,
  ReadAllUsersOptions,
  ReadDayOptions,
  ReadRecentOptions
} from "./query/options.ts"
import type { Row } from "./query/row.ts"
import {
  follow as followRows,
  readRecent as readRecentRows,
  readRecentAllUsers as readRowsOfAllUsers,
  readDay as readRowsOfDay
} from "./readers.node.ts"

/** A directory that is there could not be listed. Its message says which, and why. */
export class ReadFailed extends Data.TaggedError("ReadFailed")<{
  readonly message: string
  readonly cause: unknown
}> {}

/** The lines of one day in the order in which they were written: `readDay` as a stream. Wrong options are defects. */
export const readDay = (options: ReadDayOptions): Stream.Stream<Row, ReadFailed> =>
  toStream(() => readRowsOfDay(options))

/** The newest lines first: `readRecent` as a stream. */
export const readRecent = (options: ReadRecentOptions): Stream.Stream<Row, ReadFailed> =>
  toStream(() => readRecentRows(options))

/** The newest lines of all users, by falling instant: `readRecentAllUsers` as a stream. */
export const readRecentAllUsers = (options: ReadAllUsersOptions): Stream.Stream<Row, ReadFailed> =>
  toStream(() => readRowsOfAllUsers(options))

/** A log as it grows: `follow` as a stream, on the clock of the fiber that runs it unless `clock` is given. */
export const follow = (options: FollowOptions): Stream.Stream<Row, ReadFailed> =>
  Stream.unwrap(
    Clock.clockWith((clock) =>
      Effect.succeed(toStream(() => followRows({ clock: toFollowClock(clock), ...options })))
    )
  )

// The iterator is returned to, and its files are closed, before the stream has ended, also when it is interrupted.
const toStream = (rows: () => AsyncIterable<Row>): Stream.Stream<Row, ReadFailed> =>
  Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => rows()[Symbol.asyncIterator]()),
        (iterator) => Effect.promise(async () => void (await iterator.return?.()))
      ),
      (iterator) =>
        Stream.fromAsyncIterable(
          { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) },
          (cause) =>
            new ReadFailed({ message: cause instanceof Error ? cause.message : String(cause), cause })
        )
    )
  )

const toFollowClock = (clock: Clock.Clock): FollowClock => ({
  now: () => clock.currentTimeMillisUnsafe(),
  wait: async (ms, signal) => {
    const exit = await Effect.runPromiseExit(clock.sleep(Duration.millis(ms)), { signal })
    if (exit._tag === "Failure" && !signal.aborted) throw new Error("follow: the clock's sleep failed", exit)
  }
})
