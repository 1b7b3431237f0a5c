// All measures, in the order in which they run: the targets first, what is only told last. Each is in its own file.
// Which of them run is for the command line to say.

import type { Measure } from "../measure.ts"
import { bundle } from "./bundle.ts"
import { commit } from "./commit.ts"
import { day } from "./day.ts"
import { exit } from "./exit.ts"
import { importTime } from "./import.ts"
import { linearity } from "./linearity.ts"
import { overload } from "./overload.ts"
import { producer } from "./producer.ts"
import { seals } from "./seals.ts"
import { steady } from "./steady.ts"
import { throughput } from "./throughput.ts"

export const measures: readonly Measure[] = [
  producer,
  throughput,
  seals,
  steady,
  overload,
  commit,
  exit,
  day,
  importTime,
  bundle,
  linearity
]
