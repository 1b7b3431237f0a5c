// A delivery under its names: the call, the layer, and its end for good. Options are checked here, at the call; what a delivery
// does then is delivery/delivery-run.node.ts.

import { join } from "node:path"
import { checkOptions, describeThrown } from "@daybook/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type DeliveryDisk, DeliveryRun } from "./delivery/delivery-run.node.ts"
import {
  backoffRules,
  type DeliverOptions,
  deliverRules,
  nameRule,
  type RunningDelivery
} from "./delivery/options.ts"
import { nodeFileLayer } from "./disk/file-layer.node.ts"
import { nodeReadLayer } from "./disk/read-layer.node.ts"
import { type DiskWork, doInSteps } from "./disk/work.ts"
import { type Env, findLogDir } from "./place/audit-log-path.node.ts"
import { checkPlaceOptions, placeRules } from "./place/option-rules.node.ts"
import { deliveriesDir, stateDirsTo } from "./state/delivery-place.node.ts"
import { refuseLinks, removeIfThere, syncNames } from "./state/replace-file.node.ts"
import { announcesAppends } from "./write/appended.ts"

/**
 * Delivers the lines of an app's files to a far end, from now on until it is closed, whatever happens between: each line at
 * least once, in the order of the files, with its id. It never keeps the process alive.
 *
 * @throws TypeError for an option that is unknown or wrong.
 */
export const deliver = (options: DeliverOptions): RunningDelivery =>
  deliverOn({ files: nodeFileLayer, reads: nodeReadLayer }, options)

/** The same on any disk. */
export const deliverOn = (disk: DeliveryDisk, options: DeliverOptions): RunningDelivery => {
  checkPlaceOptions(caller, options, deliverRules)
  const { app, to, source, backoff, placeDir } = options
  if (to === undefined)
    throw new TypeError(`${caller}: option "to" is missing: it must be ${deliverRules.to?.mustBe}`)
  const { batchEventsMax, batchBytesMax } = to.queue ?? {}
  if (!(batchEventsMax >= 1 && batchBytesMax >= 1))
    throw new TypeError(
      `${caller}: option "to" must be an exporter whose queue says how large a batch may be`
    )
  if (backoff !== undefined) {
    checkOptions(caller, backoff, backoffRules, "backoff")
    if (backoff.minMs === undefined || backoff.maxMs === undefined)
      throw new TypeError(`${caller}: option "backoff" must be ${deliverRules.backoff?.mustBe}`)
  }
  const { name = to.name } = options
  if (!nameRule.isRight(name)) throw new TypeError(`${caller}: option "name" must be ${nameRule.mustBe}`)
  if (source !== undefined && !announcesAppends(source))
    throw new TypeError(`${caller}: option "source" must be what fileExporter(…) returns`)
  const { dir } = findLogDir({ app, dir: options.dir, env: options.env })
  const stateDir = placeDir ?? join(deliveriesDir(dir, app), name)
  return new DeliveryRun(disk, { ...options, dir, name, stateDir })
}

const caller = "deliver"

/** A delivery as a service of Effect. */
export interface Delivery extends RunningDelivery {}

export const Delivery = Object.assign(Context.Service<Delivery>("daybook/Delivery"), {
  /** The same delivery, closed with the layer's scope. */
  layer: (options: DeliverOptions): Layer.Layer<Delivery> =>
    Layer.effect(
      Delivery,
      Effect.acquireRelease(
        Effect.sync(() => deliver(options)),
        (running) => Effect.promise(() => running.close())
      )
    )
})

/**
 * Ends a delivery for good: its place and its lock go, so that nothing is held for it any more. Its dead letters stay.
 * One that still runs would keep its place again: close it before.
 */
export const forgetDelivery = async (options: {
  readonly app: string
  readonly dir?: string | undefined
  readonly name: string
  readonly env?: Env | undefined
}): Promise<void> => {
  checkPlaceOptions("forgetDelivery", options, { ...placeRules, name: nameRule })
  const { dir } = findLogDir(options)
  const own = join(deliveriesDir(dir, options.app), options.name)
  try {
    await doInSteps(forget(own), nodeFileLayer)
  } catch (error) {
    throw new Error(`Cannot forget the delivery "${options.name}": ${describeThrown(error).message}`, {
      cause: error
    })
  }
}

function* forget(own: string): DiskWork<void> {
  yield* refuseLinks(...stateDirsTo(own))
  for (const file of ["place.json", "lock.json"]) yield* removeIfThere(join(own, file))
  yield* syncNames(own)
}
