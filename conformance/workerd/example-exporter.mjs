// The module that the documentation's example imports its exporter from: it posts to the receiver of the test.
import { env } from "cloudflare:workers"
import { postExporter } from "./post-exporter.mjs"

export const exporter = postExporter(() => env.RECEIVER)
