// Which React a test runs with, read from React itself: a wrong alias would test one React twice.
import { version } from "react"
import type { ReactMajor } from "../react-versions.ts"

export const reactMajor: ReactMajor = version.startsWith("19.") ? 19 : 18
