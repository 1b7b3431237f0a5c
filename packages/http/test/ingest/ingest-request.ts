// Batches as a page sends them, for tests that call the handler without a server.

export const makeKey = (n: number): string => n.toString(16).padStart(15, "0")

export const eventLine = (key: string, seq: number, more: object = {}): string =>
  JSON.stringify({
    ts: "2026-11-22T09:00:00.123Z",
    level: "info",
    category: "upload",
    session: key.slice(0, 8),
    message: "Uploaded",
    filename: `${seq}.csv`,
    seq,
    id: `01a2027b-d6fb-7000-8${key.slice(0, 3)}-${key.slice(3)}`,
    ...more
  })

export const batchRequest = (lines: readonly string[], envelope: object = {}): Request => {
  const first = {
    daybook: 1,
    app: "shop",
    owner: "",
    sent: Date.now(),
    recorded: 0,
    lines: lines.length,
    ...envelope
  }
  return new Request("https://shop.example/daybook", {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-ndjson" },
    body: [JSON.stringify(first), ...lines].map((line) => `${line}\n`).join("")
  })
}
