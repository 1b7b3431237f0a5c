// The service: banks of memories, each of a tenant, and operations on them. Each operation is timed, also one that fails, and
// records lengths, counts and ids instead of texts.
import { type Audit, withContext } from "@daybook/core"

/** By which way a request came. */
export type Way = "http" | "mcp"

export interface MemoryService {
  retain(tenant: string, bankId: string, text: string): Promise<number>
  recall(tenant: string, bankId: string, query: string): Promise<readonly string[]>
  /** Rejects when there is no such bank. */
  forget(tenant: string, bankId: string): Promise<void>
}

/** `banks` are shared by all ways in. */
export const makeMemoryService = (
  audit: Audit,
  transport: Way,
  banks: Map<string, string[]>
): MemoryService => {
  const bankOf = (tenant: string, bankId: string): string[] => {
    const key = `${tenant} ${bankId}`
    const bank = banks.get(key) ?? []
    banks.set(key, bank)
    return bank
  }
  // The tenant is a value of the event: it stands on the line, and says later which schema the row belongs to.
  const timed = <A>(
    tenant: string,
    action: string,
    bankId: string,
    run: Parameters<typeof audit.timed<A>>[2]
  ): Promise<A> => withContext({ tenant }, () => audit.timed(action, { transport, bank_id: bankId }, run))
  return {
    retain: (tenant, bankId, text) =>
      timed(tenant, "retain", bankId, (operation) => {
        operation.request = { chars: text.length }
        const memories = bankOf(tenant, bankId).push(text)
        operation.response = { memories }
        return memories
      }),
    recall: (tenant, bankId, query) =>
      timed(tenant, "recall", bankId, (operation) => {
        operation.request = { chars: query.length }
        const found = bankOf(tenant, bankId).filter((memory) => memory.includes(query))
        operation.response = { found: found.length }
        operation.metadata = { tier: "hot" }
        return found
      }),
    forget: (tenant, bankId) =>
      timed(tenant, "forget", bankId, () => {
        if (!banks.delete(`${tenant} ${bankId}`)) throw new RangeError("there is no such bank")
      })
  }
}
