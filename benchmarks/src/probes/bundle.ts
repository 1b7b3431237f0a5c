// How many bytes a browser loads for an entry: bundled by Vite as an application, minified, gzipped. In a process of its own,
// because a bundler's memory would distort other measures.

import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "vite"
import type { Job, Sample } from "../job.ts"

const root = join(import.meta.dirname, "../..")

/** A name below the root, so that its imports are looked up from there. No such file is there. */
const entryFile = join(root, "src/entry.js")

/** An application has its own React. */
const external = ["react", "react-dom", "react/jsx-runtime"]

export const bundle = async ({ settings }: Job): Promise<Sample> => {
  const code = String(settings.code)
  const output = await build({
    root,
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      minify: true,
      // Not as a library: those keep their spaces, for the application's bundler to remove.
      rolldownOptions: { input: entryFile, external, preserveEntrySignatures: "strict" }
    },
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) => (id === entryFile ? id : undefined),
        load: (id) => (id === entryFile ? code : undefined)
      }
    ]
  })
  const built = Array.isArray(output) ? output : [output]
  const chunks = built.flatMap((part) => ("output" in part ? part.output : []))
  const text = chunks.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("")
  return { minifiedBytes: Buffer.byteLength(text), gzipBytes: gzipSync(text, { level: 9 }).length, logged: 0 }
}
