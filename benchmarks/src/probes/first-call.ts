// What the first event of a process costs its caller: the library is loaded and started, and its file may be open; then one event,
// and one more. Nothing was logged before, so whatever is loaded or compiled late is paid for here.

import { numberedEvent } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { loadLibrary } from "../libraries/catalogue.ts"
import { sleep } from "../libraries/pace.ts"

export const firstCall = async ({ library, settings, dir, receiverUrl }: Job): Promise<Sample> => {
  const running = await (await loadLibrary(library)).start({ dir, receiverUrl })
  const waitMs = Number(settings.waitMs)
  if (waitMs > 0) await sleep(waitMs)
  // An application has used these before.
  const events = [numberedEvent(0), numberedEvent(1)] as const
  performance.now()
  const startMs = performance.now()
  running.log(events[0])
  const firstEndMs = performance.now()
  running.log(events[1])
  const secondEndMs = performance.now()
  await running.finish()
  return { firstMs: firstEndMs - startMs, secondMs: secondEndMs - firstEndMs, logged: 2 }
}
