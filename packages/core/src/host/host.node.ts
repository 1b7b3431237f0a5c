// The host of Node, Deno and Bun, with their modules.
// node-host.ts says what it does.
import * as asyncHooks from "node:async_hooks"
import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import process from "node:process"
import * as timers from "node:timers"
import type { Host } from "./host.ts"
import { makeNodeHost } from "./node-host.ts"
import type { NodeProcess } from "./node-modules.ts"

export const host: Host = makeNodeHost({
  process: process as unknown as NodeProcess,
  fs,
  os,
  asyncHooks,
  crypto,
  timers
})
