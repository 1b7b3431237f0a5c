// The entry of `@daybook/file-exporter/delivery`: what is written here is delivered elsewhere. The day files are the queue, so
// nothing is written twice; programs that do not deliver load none of it.

export { Delivery, deliver, forgetDelivery } from "./deliver.node.ts"
export {
  type DeadLettersOptions,
  type DeliveriesOptions,
  type FoundDelivery,
  listDeliveries,
  type RetryOptions,
  type RetryResult,
  readDeadLetters,
  retryDeadLetters
} from "./deliveries.node.ts"
export type {
  DeliverOptions,
  DeliveryHealth,
  DeliveryResult,
  DeliveryState,
  RunningDelivery
} from "./delivery/options.ts"
export type { DeadLetter } from "./state/dead-letters.node.ts"
export type { DeliveryCounts } from "./state/delivery-place.node.ts"
