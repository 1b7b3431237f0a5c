// What the example imports as its exporter: the one that posts to the receiver of the test.
import { env } from "cloudflare:workers"
import { postExporter } from "./post-exporter.mjs"

export const exporter = postExporter(() => env.RECEIVER)
