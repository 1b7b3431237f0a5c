// The files of this page, as long as it lives, and everything that is done with them: add, remove, analyze. The log gets their
// events from here. Nothing waits for the log, and no contents of a file go there.
import { fingerprint } from "@daybook/core"
import { useAudit, useAuditEvent } from "@daybook/react-hooks"
import { createContext, type ReactElement, type ReactNode, use, useMemo, useRef, useState } from "react"
import { type Analysis, analyzeCsv, isProblem, type Problem } from "../analysis/analyze-csv.ts"
import { Analyzed, FileFailed, Removed, RunStarted, ToolRun, Uploaded } from "../events.ts"
import { pages } from "../pages.ts"

export interface ShelfFile {
  /** Unique: the same bytes may be here under two names. */
  readonly key: string
  readonly filename: string
  readonly bytes: number
  readonly sha1: string
  readonly content: Blob
  readonly isWorking: boolean
  readonly result: Analysis | Problem | undefined
}

export interface FileShelf {
  readonly files: readonly ShelfFile[]
  readonly isRunning: boolean
  /** What has just happened, for screen readers. */
  readonly said: string
  add(files: readonly File[]): Promise<void>
  remove(file: ShelfFile): void
  /** Analyzes the files without a result, or all of them again. Never rejects because of a file. */
  analyze(): Promise<void>
}

const Shelf = createContext<FileShelf | undefined>(undefined)

/** @throws Error outside of a FileShelfProvider. */
export const useFileShelf = (): FileShelf => {
  const shelf = use(Shelf)
  if (shelf === undefined) throw new Error("useFileShelf needs a FileShelfProvider around it")
  return shelf
}

export const FileShelfProvider = ({ children }: { children?: ReactNode }): ReactElement => {
  const audit = useAudit()
  const uploaded = useAuditEvent(Uploaded)
  const removed = useAuditEvent(Removed)
  const runStarted = useAuditEvent(RunStarted)
  const analyzed = useAuditEvent(Analyzed)
  const fileFailed = useAuditEvent(FileFailed)
  const toolRun = useAuditEvent(ToolRun)
  const [files, setFiles] = useState<readonly ShelfFile[]>([])
  const [isRunning, setRunning] = useState(false)
  const [said, say] = useState("")
  // The current files, for code that continues after an await; the state is what the screen shows.
  const now = useRef(files)

  const actions = useMemo(() => {
    const change = (next: readonly ShelfFile[]): void => {
      now.current = next
      setFiles(next)
    }
    const update = (key: string, part: Partial<ShelfFile>): void =>
      change(now.current.map((file) => (file.key === key ? { ...file, ...part } : file)))

    const fail = (filename: string, problem: Problem): Problem => {
      fileFailed({ filename, ...problem })
      return problem
    }
    const failUnforeseen = (filename: string, error: unknown): Problem => {
      // The browser's errors for a file that was moved or changed after it was chosen.
      if (error instanceof DOMException && ["NotFoundError", "NotReadableError"].includes(error.name)) {
        return fail(filename, { outcome: "missing", reason: "it was moved or changed" })
      }
      // An unforeseen error: the log keeps its stack too.
      audit.exception(`analyze(${filename})`, error, { filename, outcome: "failed" })
      return { outcome: "failed", reason: error instanceof Error ? error.message : String(error) }
    }

    /** True if the file was new. */
    const addOne = async (file: File): Promise<boolean> => {
      const { name: filename, size: bytes } = file
      try {
        const sha1 = await fingerprint(file)
        const key = `${sha1} ${filename}`
        if (now.current.some((known) => known.key === key)) return false
        change([
          ...now.current,
          { key, filename, bytes, sha1, content: file, isWorking: false, result: undefined }
        ])
        uploaded({ filename, bytes, sha1 })
      } catch (error) {
        const result = failUnforeseen(filename, error)
        const key = `unread ${filename}`
        const unread = { key, filename, bytes, sha1: "", content: file, isWorking: false, result }
        change([...now.current.filter((known) => known.key !== key), unread])
      }
      return true
    }

    const analyzeOne = async ({ key, filename, content }: ShelfFile): Promise<Analysis | Problem> => {
      update(key, { isWorking: true })
      try {
        const result = analyzeCsv(new Uint8Array(await content.arrayBuffer()))
        if (isProblem(result)) return fail(filename, result)
        const { rows, cols, findings, counts } = result
        analyzed({ filename, rows, cols, findings, ...counts })
        return result
      } catch (error) {
        return failUnforeseen(filename, error)
      }
    }

    const add = async (added: readonly File[]): Promise<void> => {
      let count = 0
      for (const file of added) if (await addOne(file)) count += 1
      const again = added.length - count
      const known = again === 0 ? "" : ` ${again} ${again === 1 ? "was" : "were"} here already.`
      say(`${count} ${count === 1 ? "file" : "files"} added.${known}`)
    }

    const remove = ({ key, filename, bytes, sha1 }: ShelfFile): void => {
      if (!now.current.some((file) => file.key === key)) return
      change(now.current.filter((file) => file.key !== key))
      // A file that could not be read was never uploaded.
      if (sha1 !== "") removed({ filename, bytes, sha1, removed: true })
      say(`${filename} removed.`)
    }

    const analyze = async (): Promise<void> => {
      const fresh = now.current.filter(({ result }) => result === undefined)
      const chosen = fresh.length > 0 ? fresh : now.current
      setRunning(true)
      runStarted({ files: chosen.length })
      let good = 0
      for (const file of chosen) {
        const result = await analyzeOne(file)
        if (!isProblem(result)) good += 1
        update(file.key, { result, isWorking: false })
      }
      if (good > 0) toolRun({ page: pages.analyze })
      setRunning(false)
      const bad = chosen.length - good
      say(`${good} of ${chosen.length} analyzed.${bad > 0 ? ` ${bad} failed.` : ""}`)
    }
    return { add, remove, analyze }
  }, [audit, uploaded, removed, runStarted, analyzed, fileFailed, toolRun])

  const shelf = useMemo(() => ({ ...actions, files, isRunning, said }), [actions, files, isRunning, said])
  return <Shelf value={shelf}>{children}</Shelf>
}
