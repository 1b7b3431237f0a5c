// LogTape with its stream file sink and its JSON Lines formatter, as its manual says for high volume. The message is made
// at the call, which was faster here than a template that LogTape fills in; session is bound with `with`. The stream
// behind it is out of reach, so nothing can be waited for: a producer can only give it turns.

import { join } from "node:path"
import { getStreamFileSink } from "@logtape/file"
import { configure, dispose, getJsonLinesFormatter, getLogger, reset } from "@logtape/logtape"
import { kinds, sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { eachTurn, filesQuiet, turn } from "./pace.ts"

export const logTape: Library = {
  note: "getStreamFileSink with getJsonLinesFormatter; nothing to wait for: a turn of the event loop each 1,000 events",
  start: async ({ dir }) => {
    const formatter = getJsonLinesFormatter({ properties: "flatten", categorySeparator: "." })
    await configure({
      sinks: { file: getStreamFileSink(join(dir, "logtape.jsonl"), { formatter }) },
      loggers: [
        { category: "bench", sinks: ["file"], lowestLevel: "info" },
        { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" }
      ]
    })
    const loggers = kinds.map(({ category }) => getLogger(["bench", category]).with({ session: sessionId }))
    return {
      log: ({ kind, fields, error }) => {
        const logger = loggers[kind.index]
        if (error === undefined) logger?.info(kind.message(fields), fields)
        else logger?.error(error, { ...fields, error })
      },
      room: eachTurn(turn),
      settled: () => filesQuiet(dir),
      finish: async () => {
        await dispose()
        await reset()
      }
    }
  }
}
