// The diagnostics panel as a person sees it: its words for each state of a log, its buttons, the keyboard, screen readers.
// test/node/pages.test.ts has the download as a file.
import { type Audit, createAuditLog, type ExporterHealth } from "@daybook/core"
import { makeTestAudit, memoryExporter } from "@daybook/core/testing"
import axe from "axe-core"
import { act, type ComponentProps } from "react"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { userEvent } from "vitest/browser"
import { AuditProvider, DiagnosticsPanel } from "../../src/index.ts"
import { render } from "./render.tsx"
import "../../src/diagnostics/diagnostics.css"

const showPanel = (audit: Audit, props: ComponentProps<typeof DiagnosticsPanel> = {}) =>
  render(
    <AuditProvider audit={audit}>
      <DiagnosticsPanel {...props} />
    </AuditProvider>
  )

const healthy: ExporterHealth = {
  name: "file",
  state: "idle",
  accepted: 49,
  written: 49,
  handedOver: 0,
  dropped: 0,
  pending: 0,
  droppedBy: { overflow: 0, closed: 0, too_large: 0, refused: 0, gave_up: 0, defect: 0 }
}

/** A log whose exporters report this. */
const logWith = (...exporters: readonly Partial<ExporterHealth>[]): Audit => ({
  ...makeTestAudit(),
  health: () => ({
    app: "datatools",
    session: "1a2c3d4e",
    exporters: exporters.map((exporter) => ({ ...healthy, ...exporter }))
  })
})

const statusOf = (element: HTMLElement): string | null =>
  element.querySelector(".daybook-diagnostics-state")?.textContent ?? null

const wordsOf = (element: HTMLElement): readonly (string | null)[] =>
  [...element.querySelectorAll(".daybook-diagnostics-words")].map(({ textContent }) => textContent)

const countOf = (element: HTMLElement, label: string): string | null | undefined =>
  [...element.querySelectorAll("dt")].find(({ textContent }) => textContent === label)?.nextElementSibling
    ?.textContent

const feedbackOf = (element: HTMLElement): string | null =>
  element.querySelector(".daybook-diagnostics-feedback")?.textContent ?? null

const button = (element: HTMLElement, name: string): HTMLElement => {
  const found = [...element.querySelectorAll("button")].find(({ textContent }) => textContent === name)
  if (found === undefined) throw new Error(`there is no button "${name}"`)
  return found
}

const press = (element: HTMLElement, name: string): Promise<void> =>
  act(async () => button(element, name).click())

const lost = { accepted: 86, dropped: 37, droppedBy: { ...healthy.droppedBy, overflow: 37 } }

const cases: readonly (readonly [string, Partial<ExporterHealth>, words: string, status: string])[] = [
  ["all is well", {}, "Works", "The log works"],
  ["all was handed over", { written: 0, handedOver: 49 }, "Works", "The log works"],
  ["nothing happened yet", { accepted: 0, written: 0 }, "Nothing written yet", "Nothing written yet"],
  [
    "the first event is on its way",
    { accepted: 1, written: 0, pending: 1, oldestAgeMs: 20 },
    "Nothing written yet",
    "Nothing written yet"
  ],
  ["events are on their way", { pending: 12, oldestAgeMs: 4999 }, "Works", "The log works"],
  ["events are on their way, for an unknown time", { pending: 12 }, "Works", "The log works"],
  [
    "events wait for long",
    { pending: 12, oldestAgeMs: 5000 },
    "12 events are waiting",
    "Events are waiting to be written"
  ],
  [
    "one event waits for long",
    { pending: 1, oldestAgeMs: 5001 },
    "1 event is waiting",
    "Events are waiting to be written"
  ],
  [
    "it cannot write",
    { state: "degraded", lastError: "disk is full", pending: 1312 },
    "Cannot write: disk is full. 1,312 events are waiting",
    "Events cannot be written"
  ],
  [
    "it cannot write, in a whole sentence",
    { state: "degraded", lastError: "The disk is full.", pending: 1 },
    "Cannot write: The disk is full. 1 event is waiting",
    "Events cannot be written"
  ],
  [
    "it cannot open",
    { state: "opening", lastError: "no such host" },
    "Cannot write: no such host",
    "Events cannot be written"
  ],
  [
    "it hangs",
    { state: "stalled", pending: 2 },
    "A write has not finished within its time limit. 2 events are waiting",
    "Events cannot be written"
  ],
  ["the queue was full", lost, "37 events were lost: queue full", "Events were lost"],
  [
    "one was lost",
    { dropped: 1, droppedBy: { ...healthy.droppedBy, too_large: 1 } },
    "1 event was lost: too large",
    "Events were lost"
  ],
  [
    "two reasons",
    { dropped: 3, droppedBy: { ...healthy.droppedBy, refused: 2, gave_up: 1 } },
    "3 events were lost: 2 refused by the destination, 1 given up after too many attempts",
    "Events were lost"
  ],
  ["the log is closed", { state: "closed" }, "The log is closed", "The log is closed"]
]

describe("the panel says in words", () => {
  it.each(cases)("S1.5 that %s", async (_what, exporter, words, status) => {
    const { element } = await showPanel(logWith(exporter))
    expect(wordsOf(element)).toEqual([words])
    expect(statusOf(element)).toBe(status)
  })

  it("S1.5 which app and session it is of, where the log is, and what each exporter has counted", async () => {
    const { element } = await showPanel(logWith({}, { name: "collector", ...lost }), {
      location: "/home/user/.datatools/logs/datatools-2026-11-22.jsonl",
      title: "Audit trail"
    })
    const section = element.querySelector("section")
    expect(section?.getAttribute("aria-labelledby")).toBe(element.querySelector("h2")?.id)
    const text = section?.innerText.replace(/\s+/g, " ")
    expect(text).toContain(
      "App datatools Session 1a2c3d4e Log /home/user/.datatools/logs/datatools-2026-11-22.jsonl"
    )
    expect(text).toContain(
      "collector 37 events were lost: queue full Accepted 86 Written 49 Waiting 0 Lost 37"
    )
    expect(element.querySelector("h2")?.textContent).toBe("Audit trail")
  })

  it("S1.5 what was handed over, where an exporter does that", async () => {
    const { element } = await showPanel(logWith({ accepted: 9, written: 0, handedOver: 9 }))
    expect(element.querySelector("section")?.innerText.replace(/\s+/g, " ")).toContain(
      "Written 0 Handed over 9 Waiting 0"
    )
  })

  it("S1.5 that the log works, in words that no batch changes", async () => {
    // The panel's own looks; vitest's waits go on.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    onTestFinished(() => void vi.useRealTimers())
    const audit = makeTestAudit()
    const { element } = await showPanel(audit)
    const record = async (): Promise<void> => {
      audit.log("case", "one")
      await audit.flush()
      vi.advanceTimersByTime(1_000)
    }
    await act(record)
    const said = statusOf(element)
    const changes: MutationRecord[] = []
    const watcher = new MutationObserver((records) => changes.push(...records))
    onTestFinished(() => watcher.disconnect())
    const panel = element.querySelector(".daybook-diagnostics-state")
    if (panel === null) throw new Error("the panel says nothing")
    watcher.observe(panel, { attributes: true, characterData: true, childList: true, subtree: true })
    for (const how of ["hang", "hang"] as const) {
      audit.exporter.break(how)
      // What a person would see while the batch is on its way.
      await act(async () => {
        audit.log("case", "one")
        await vi.waitFor(() => expect(audit.health().exporters[0]?.state).toBe("writing"))
        vi.advanceTimersByTime(1_000)
      })
      expect(countOf(element, "Waiting")).toBe("1")
      audit.exporter.heal()
      await act(record)
    }
    expect(said).toBe("The log works")
    expect(changes).toEqual([])
  })

  it("S1.5 each exporter's own state, also where two have one name", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined)
    onTestFinished(() => printed.mockRestore())
    const { element } = await showPanel(logWith({ name: "file" }, { name: "file", ...lost }))
    expect(wordsOf(element)).toEqual(["Works", "37 events were lost: queue full"])
    expect(printed.mock.calls).toEqual([])
  })

  it("S1.5 that there is no log, outside of a provider", async () => {
    const { element } = await render(<DiagnosticsPanel />)
    expect(statusOf(element)).toBe("No log is connected")
  })

  it("S1.5 what becomes of a real log", async () => {
    const audit = makeTestAudit()
    const { element } = await showPanel(audit)
    expect(statusOf(element)).toBe("Nothing written yet")
    audit.exporter.break("fail")
    await act(async () => {
      audit.log("case", "one")
      await audit.flush()
    })
    expect(wordsOf(element)).toEqual([
      "Cannot write: Cannot keep a batch in memory: `break` was called. 1 event is waiting"
    ])
  })
})

describe("the panel's buttons", () => {
  it("S1.5 are those that the host has", async () => {
    const names = async (props: ComponentProps<typeof DiagnosticsPanel>) => {
      const { element } = await showPanel(makeTestAudit(), props)
      return [...element.querySelectorAll("button")].map(({ textContent }) => textContent)
    }
    const lines = { bytes: () => new Uint8Array() }
    expect(await names({})).toEqual(["Copy"])
    expect(await names({ lines })).toEqual(["Copy", "Download log"])
    expect(await names({ onOpenFolder: () => undefined })).toEqual(["Copy", "Open log folder"])
  })

  it("S1.5 copy all that it says", async () => {
    const copied: string[] = []
    stubClipboard(async (text) => void copied.push(text))
    const { element } = await showPanel(logWith(lost), { location: "in this page" })
    await press(element, "Copy")
    expect(feedbackOf(element)).toBe("Copied")
    expect(copied).toEqual([
      [
        "Diagnostics",
        "App: datatools",
        "Session: 1a2c3d4e",
        "Log: in this page",
        "State: Events were lost",
        "",
        "file (idle): 37 events were lost: queue full",
        "Accepted: 86, Written: 49, Waiting: 0, Lost: 37",
        ""
      ].join("\n")
    ])
  })

  it("S1.5 say why something cannot be copied", async () => {
    stubClipboard(() => Promise.reject(new DOMException("Write permission denied.", "NotAllowedError")))
    const { element } = await showPanel(logWith({}))
    await press(element, "Copy")
    expect(feedbackOf(element)).toBe("Cannot copy: Write permission denied.")
  })

  it("S1.5 say that a page without https has no clipboard", async () => {
    stubClipboard(undefined)
    const { element } = await showPanel(logWith({}))
    await press(element, "Copy")
    expect(feedbackOf(element)).toBe("Cannot copy: the clipboard needs a secure page (https)")
  })

  it("S1.5 open the folder, or say why it cannot be opened", async () => {
    const onOpenFolder = vi.fn()
    const works = await showPanel(makeTestAudit(), { onOpenFolder })
    await press(works.element, "Open log folder")
    expect(onOpenFolder).toHaveBeenCalledTimes(1)
    expect(feedbackOf(works.element)).toBe("Opened")
    const failing = [
      () => Promise.reject(new Error("no such folder")),
      () => {
        throw new Error("no such folder")
      }
    ]
    for (const onOpenFolder of failing) {
      const { element } = await showPanel(makeTestAudit(), { onOpenFolder })
      await press(element, "Open log folder")
      expect(feedbackOf(element)).toBe("Cannot open the folder: no such folder")
    }
  })

  it("S1.5 say why something cannot be downloaded", async () => {
    const bytes = (): never => {
      throw new Error("the lines are gone")
    }
    const { element } = await showPanel(makeTestAudit(), { lines: { bytes } })
    await press(element, "Download log")
    expect(feedbackOf(element)).toBe("Cannot download: the lines are gone")
  })

  it("S1.5 flush the log before they download it", async () => {
    const order: string[] = []
    const memory = memoryExporter()
    const audit = createAuditLog({ app: "x", exporters: [memory], exitHook: false })
    const saved = vi
      .spyOn(HTMLAnchorElement.prototype, "click")
      .mockImplementation(() => void order.push("saved"))
    onTestFinished(() => saved.mockRestore())
    const bytes = (): Uint8Array => {
      order.push(`${memory.lines.length} lines`)
      return new TextEncoder().encode(memory.lines.join("\n"))
    }
    const { element } = await showPanel(audit, { lines: { bytes } })
    audit.log("case", "one")
    await press(element, "Download log")
    await vi.waitFor(() => expect(feedbackOf(element)).toBe("Downloaded"))
    expect(order).toEqual(["1 lines", "saved"])
  })

  it("are reached and pressed with the keyboard, and show it", async () => {
    const onOpenFolder = vi.fn()
    const { element } = await showPanel(makeTestAudit(), { onOpenFolder })
    button(element, "Copy").focus()
    await userEvent.tab()
    expect(document.activeElement).toBe(button(element, "Open log folder"))
    expect(getComputedStyle(button(element, "Open log folder")).outlineStyle).toBe("solid")
    await userEvent.keyboard("{Enter}")
    await vi.waitFor(() => expect(onOpenFolder).toHaveBeenCalledTimes(1))
  })
})

describe("the panel on a page with styles of its own", () => {
  const ofThePage = `
    body {
      direction: rtl; font: italic small-caps 900 30px / 3 serif; hyphens: auto; letter-spacing: 0.3em;
      text-align: center; text-indent: 3em; text-shadow: 1px 1px red; text-transform: uppercase;
      white-space: pre; word-break: break-all; word-spacing: 1em;
    }
    * { box-sizing: border-box; }
    h2, h3, p, ul, li, dl, dt, dd, button {
      margin: 2em; padding: 2em; border: 3px dotted red; background: pink; color: red; float: left;
      font: italic small-caps 900 30px / 3 serif; letter-spacing: 0.3em; list-style: square;
      text-align: center; text-transform: uppercase; box-shadow: 0 0 3px red; min-inline-size: 20rem;
    }
  `

  /** Everything that Chromium computes for the panel and what is in it. */
  const stylesOf = (element: HTMLElement): readonly (readonly string[])[] => {
    const panel = element.querySelector("section")
    const parts = panel === null ? [] : [panel, ...panel.querySelectorAll("*")]
    return parts.flatMap((part) =>
      [undefined, "::before"].map((pseudo) => {
        const computed = getComputedStyle(part, pseudo)
        return [...computed].map((name) => `${name}: ${computed.getPropertyValue(name)}`)
      })
    )
  }

  it("S1.5 looks as it does on an empty one", async () => {
    const { element } = await showPanel(logWith({}, lost), {
      location: "/home/user/logs",
      onOpenFolder: failed
    })
    // The panel's own room, whatever a page does around it.
    element.style.cssText = "position: absolute; inset: 0 auto auto 0; inline-size: 500px"
    const before = stylesOf(element)
    const styles = document.head.appendChild(document.createElement("style"))
    onTestFinished(() => styles.remove())
    styles.textContent = ofThePage
    expect(getComputedStyle(document.body).textTransform).toBe("uppercase")
    expect(stylesOf(element)).toEqual(before)
  })
})

describe("the panel is accessible", () => {
  const exporters = cases.map(([, exporter], n) => ({ ...exporter, name: `exporter ${n}` }))

  it.each(["light", "dark"])("axe finds nothing wrong with it in the %s theme", async (theme) => {
    const { element } = await showPanel(logWith(...exporters), {
      location: "/home/user/logs",
      onOpenFolder: failed
    })
    element.dataset.theme = theme
    element.style.cssText = `background: ${theme === "light" ? "white" : "black"}`
    await press(element, "Open log folder")
    const { violations, passes } = await axe.run(element, { rules: { region: { enabled: false } } })
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(passes.map(({ id }) => id)).toContain("color-contrast")
    const panel = element.querySelector("section")
    expect(panel && getComputedStyle(panel).colorScheme).toBe(theme)
  })

  it("announces changes of its state, and the result of an action, to screen readers", async () => {
    const { element } = await showPanel(logWith({}))
    const live = [...element.querySelectorAll("[role=status]")].map(({ className }) => className)
    expect(live).toEqual(["daybook-diagnostics-state", "daybook-diagnostics-feedback"])
  })
})

const failed = (): never => {
  throw new Error("no such folder")
}

/** Replaces the clipboard: a test cannot set permissions. */
const stubClipboard = (writeText: ((text: string) => Promise<void>) | undefined): void => {
  const value = writeText === undefined ? undefined : { writeText }
  Object.defineProperty(navigator, "clipboard", { configurable: true, value })
  onTestFinished(() => void Reflect.deleteProperty(navigator, "clipboard"))
}
