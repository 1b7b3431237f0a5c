// The small hooks: which log a component has, typed events, health.
import { defineEvent } from "@daybook/core"
import { expectAudit, makeTestAudit } from "@daybook/core/testing"
import * as Schema from "effect/Schema"
import { act } from "react"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { AuditProvider, useAudit, useAuditEvent, useAuditHealth, useAuditPageOpen } from "../../src/index.ts"
import { openedPages } from "./recorded.ts"
import { render } from "./render.tsx"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite },
  message: ({ filename }) => `Uploaded ${filename}`
})

const Page = ({ slug, fields }: { readonly slug?: string; readonly fields?: Record<string, unknown> }) => {
  useAuditPageOpen(slug, { fields })
  return null
}

describe("useAudit", () => {
  it("gives the log of the nearest provider", async () => {
    const [outer, inner] = [makeTestAudit(), makeTestAudit()]
    await render(
      <AuditProvider audit={outer}>
        <Page slug="outside" />
        <AuditProvider audit={inner}>
          <Page slug="inside" />
        </AuditProvider>
      </AuditProvider>
    )
    expect([openedPages(outer), openedPages(inner)]).toEqual([["outside"], ["inside"]])
  })

  it("S1.12 gives a log that does nothing, where there is no provider", async () => {
    const seen: unknown[] = []
    const Alone = () => {
      const audit = useAudit()
      useAuditPageOpen("alone")
      const record = useAuditEvent(Uploaded)
      const health = useAuditHealth()
      record({ filename: "a", bytes: 1 })
      audit.log("case", "nothing")
      seen.push(audit.lastPage(), audit.isEnabled("case"), audit.hasRoom(), health.exporters)
      return <p>fine</p>
    }
    const { element } = await render(<Alone />)
    expect(element.textContent).toBe("fine")
    expect(seen.slice(0, 4)).toEqual([undefined, false, true, []])
  })

  it("has every method without a provider, and runs what it is given to run", async () => {
    const audits: unknown[] = []
    const Alone = () => {
      const audit = useAudit()
      audits.push(audit)
      return null
    }
    await render(<Alone />)
    const [audit] = audits as readonly ReturnType<typeof useAudit>[]
    const { events: _events, lines: _lines, ...real } = Object.getOwnPropertyDescriptors(makeTestAudit())
    const own = Object.keys(audit ?? {})
    const testOnly = ["commit", "eventsOf", "notices", "exporter"]
    expect(Object.keys(real).filter((name) => !own.includes(name) && !testOnly.includes(name))).toEqual([])
    expect(await audit?.timed("work", {}, async () => 7)).toBe(7)
    expect(await audit?.flush()).toMatchObject({ complete: true, pending: 0 })
    expect(await audit?.close()).toMatchObject({ complete: true })
    expect(await audit?.room()).toBe(undefined)
  })
})

describe("useAuditPageOpen", () => {
  it("S1.11 records the opening after the commit, with its fields, and nothing when the page renders again", async () => {
    const audit = makeTestAudit()
    const withFields = (fields: Record<string, unknown>) => (
      <AuditProvider audit={audit}>
        <Page slug="orders" fields={fields} />
      </AuditProvider>
    )
    const { render: again } = await render(withFields({ tab: "open" }))
    await again(withFields({ tab: "open" }))
    await again(withFields({ tab: "done" }))
    expect(audit.events.map(({ head, fields }) => [head.category, head.message, fields])).toEqual([
      ["nav", "Opened orders", { page: "orders", tab: "open" }]
    ])
  })

  it("S0.9 waits for a slug, and follows it", async () => {
    const audit = makeTestAudit()
    const page = (slug?: string) => (
      <AuditProvider audit={audit}>{slug === undefined ? <Page /> : <Page slug={slug} />}</AuditProvider>
    )
    const { render: again } = await render(page())
    expect(openedPages(audit)).toEqual([])
    for (const slug of ["a", "b", "b", "a", undefined, "a"]) await again(page(slug))
    expect(openedPages(audit)).toEqual(["a", "b", "a"])
  })

  it("S0.9 the same page again, after one that was recorded by hand, is a new opening", async () => {
    const audit = makeTestAudit()
    const page = (isShown: boolean) => (
      <AuditProvider audit={audit}>{isShown && <Page slug="orders" />}</AuditProvider>
    )
    const { render: again } = await render(page(true))
    await again(page(false))
    audit.pageOpen("print preview")
    await again(page(true))
    expect(openedPages(audit)).toEqual(["orders", "print preview", "orders"])
  })

  it("S0.9 a second hook of a page that is open opens nothing, whatever opened in between", async () => {
    const audit = makeTestAudit()
    const page = (...slugs: readonly string[]) => (
      <AuditProvider audit={audit}>
        {slugs.map((slug, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is what stays.
          <Page key={n} slug={slug} />
        ))}
      </AuditProvider>
    )
    const { render: again } = await render(page("orders"))
    await again(page("orders", "details"))
    await again(page("orders", "details", "orders"))
    expect(openedPages(audit)).toEqual(["orders", "details"])
  })

  it("S0.9 a page that was closed before another one opened is opened again, though its neighbour is the last once more", async () => {
    const audit = makeTestAudit()
    const page = (...slugs: readonly string[]) => (
      <AuditProvider audit={audit}>
        {slugs.map((slug) => (
          <Page key={slug} slug={slug} />
        ))}
      </AuditProvider>
    )
    const { render: again } = await render(page("lines", "orders"))
    for (const slugs of [["customers"], ["orders"], ["orders", "lines"]]) await again(page(...slugs))
    expect(openedPages(audit)).toEqual(["lines", "orders", "customers", "orders", "lines"])
  })

  it("S0.9 two roots that show one page of one log open it once", async () => {
    const audit = makeTestAudit()
    const page = (
      <AuditProvider audit={audit}>
        <Page slug="orders" />
      </AuditProvider>
    )
    const first = await render(page)
    await render(page)
    await first.unmount()
    await render(page)
    expect(openedPages(audit)).toEqual(["orders"])
  })

  it("S0.9 another log has its own openings", async () => {
    const audits = [makeTestAudit(), makeTestAudit()]
    const page = (audit: (typeof audits)[number]) => (
      <AuditProvider audit={audit}>
        <Page slug="orders" />
      </AuditProvider>
    )
    const [first, second] = audits
    if (first === undefined || second === undefined) throw new Error("two logs")
    const { render: again } = await render(page(first))
    await again(page(second))
    expect(audits.map(openedPages)).toEqual([["orders"], ["orders"]])
  })
})

describe("useAuditEvent", () => {
  it("S1.6 S1.7 records a typed event, with extras and a level, and keeps its identity", async () => {
    const audit = makeTestAudit()
    const seen = new Set<unknown>()
    const Upload = () => {
      const recordUpload = useAuditEvent(Uploaded)
      seen.add(recordUpload)
      return (
        <button
          type="button"
          onClick={() =>
            recordUpload({ filename: "a.csv", bytes: 3 }, { tool: "drop zone" }, { level: "warn" })
          }
        >
          upload
        </button>
      )
    }
    const page = (
      <AuditProvider audit={audit}>
        <Upload />
      </AuditProvider>
    )
    const { element, render: again } = await render(page)
    await again(page)
    element.querySelector("button")?.click()
    expectAudit(audit).toHaveRecordedTimes(1, Uploaded, { filename: "a.csv", bytes: 3, tool: "drop zone" })
    expect(audit.events[0]?.head.level).toBe("warn")
    expect(seen.size).toBe(1)
  })

  it("takes what the definition asks for, and nothing else", () => {
    const Typed = () => {
      const recordUpload = useAuditEvent(Uploaded)
      recordUpload({ filename: "a.csv", bytes: 3 })
      // @ts-expect-error bytes is missing
      recordUpload({ filename: "a.csv" })
      // @ts-expect-error bytes is a number
      recordUpload({ filename: "a.csv", bytes: "3" })
      // @ts-expect-error there is no such field
      recordUpload({ filename: "a.csv", bytes: 3, rows: 1 })
      // @ts-expect-error a definition, and not an event
      useAuditEvent(Uploaded({ filename: "a.csv", bytes: 3 }))
      return null
    }
    expect(Typed).toBeTypeOf("function")
  })
})

describe("useAuditHealth", () => {
  const setHidden = (isHidden: boolean): void => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden })
    document.dispatchEvent(new Event("visibilitychange"))
  }

  const watch = async (refreshMs?: number) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    onTestFinished(() => {
      vi.useRealTimers()
      Reflect.deleteProperty(document, "hidden")
    })
    const audit = makeTestAudit()
    let looks = 0
    const watched = {
      ...audit,
      health: () => {
        looks += 1
        return audit.health()
      }
    }
    const seen: number[] = []
    const Shows = () => {
      const { exporters } = useAuditHealth(refreshMs === undefined ? {} : { refreshMs })
      seen.push(exporters[0]?.accepted ?? -1)
      return <p>{exporters[0]?.state}</p>
    }
    const rendered = await render(
      <AuditProvider audit={watched}>
        <Shows />
      </AuditProvider>
    )
    const pass = (ms: number): Promise<void> => act(async () => void vi.advanceTimersByTime(ms))
    return { audit, seen, pass, rendered, looks: () => looks }
  }

  it("S1.5 looks again every second, and renders only when something changed", async () => {
    const { audit, seen, pass } = await watch()
    await pass(5000)
    expect(seen).toEqual([0])
    await act(async () => {
      audit.log("case", "one")
      await audit.flush()
    })
    await pass(999)
    await pass(1)
    await pass(5000)
    expect(seen.at(-1)).toBe(1)
    expect(new Set(seen).size).toBe(2)
  })

  it("S1.5 sees a change of state at once", async () => {
    const { audit, rendered } = await watch(0)
    audit.exporter.break("fail")
    await act(async () => {
      audit.log("case", "one")
      await audit.flush()
    })
    expect(rendered.element.textContent).toBe("degraded")
  })

  it("looks as often as refreshMs says, and with 0 never by itself", async () => {
    const often = await watch(100)
    const before = often.looks()
    await often.pass(1000)
    expect(often.looks() - before).toBe(10)
    const never = await watch(0)
    const atFirst = never.looks()
    await never.pass(60_000)
    expect(never.looks()).toBe(atFirst)
  })

  it.each([
    ["as long as a browser's timers", 2 ** 31 - 1],
    ["longer than a browser's timers, which would have no pause at all", 2 ** 31],
    ["endless", Number.POSITIVE_INFINITY],
    ["no number", Number.NaN]
  ])("looks seldom where refreshMs is %s", async (_what, refreshMs) => {
    const { pass, looks } = await watch(refreshMs)
    const before = looks()
    await pass(60_000)
    expect(looks()).toBe(before)
  })

  it("does not look while the page is hidden, and does so as soon as it is not", async () => {
    const { audit, seen, pass, looks } = await watch()
    await act(async () => setHidden(true))
    await act(async () => {
      audit.log("case", "one")
      await audit.flush()
    })
    const whileHidden = looks()
    await pass(60_000)
    audit.exporter.break("fail")
    await act(async () => {
      audit.log("case", "two")
      await audit.flush()
    })
    expect(audit.health().exporters[0]?.state).toBe("degraded")
    expect(looks()).toBe(whileHidden)
    await act(async () => setHidden(false))
    expect(seen.at(-1)).toBe(2)
  })

  it("stops with its component", async () => {
    const { pass, rendered, looks } = await watch()
    await rendered.unmount()
    const atLast = looks()
    await pass(60_000)
    expect(looks()).toBe(atLast)
  })
})
