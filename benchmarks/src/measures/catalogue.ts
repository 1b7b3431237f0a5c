// All measures in the order in which they run: those with targets first. Each is in its own file.
// The command line chooses among them.

import type { Measure } from "../measure.ts"
import { bundle } from "./bundle.ts"
import { commandLine } from "./command-line.ts"
import { commit } from "./commit.ts"
import { day } from "./day.ts"
import { delivery } from "./delivery.ts"
import { exit } from "./exit.ts"
import { firstCall } from "./first-call.ts"
import { importTime } from "./import.ts"
import { linearity } from "./linearity.ts"
import { longestCall } from "./longest-call.ts"
import { overload } from "./overload.ts"
import { producer } from "./producer.ts"
import { seals } from "./seals.ts"
import { steady } from "./steady.ts"
import { throughput } from "./throughput.ts"
import { toolCalls } from "./tool-calls.ts"

export const measures: readonly Measure[] = [
  producer,
  longestCall,
  throughput,
  seals,
  steady,
  overload,
  commit,
  exit,
  day,
  commandLine,
  delivery,
  toolCalls,
  importTime,
  firstCall,
  bundle,
  linearity
]
