// A page's own lines as a file in the downloads folder. Its name is that of a day's file of the log, so every tool that reads
// day files reads this one too.

/** `<app>-YYYY-MM-DD.jsonl`, on the local day. */
export const linesFileName = (app: string, at: Date): string => {
  const twoDigits = (n: number): string => String(n).padStart(2, "0")
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join("-")
  return `${app === "" ? "daybook" : app}-${day}.jsonl`
}

/** A browser reads the address some time after the click. */
const addressKeptMs = 60_000

/** Offers the bytes as a download. */
export const saveLines = (bytes: Uint8Array, fileName: string): void => {
  const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "application/x-ndjson" }))
  const link = document.createElement("a")
  link.href = address
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), addressKeptMs)
}
