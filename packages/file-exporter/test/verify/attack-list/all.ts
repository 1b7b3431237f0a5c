// The attack list: every row, whatever it does.
import type { Attack } from "./attack.ts"
import { deletionAttacks } from "./deletions.ts"
import { fileAttacks } from "./files.ts"
import { lineAttacks } from "./lines.ts"
import { redactionAttacks } from "./redactions.ts"
import { reportAttacks } from "./reports.ts"
import { sealAttacks } from "./seals.ts"

export const attacks: readonly Attack[] = [
  ...lineAttacks,
  ...sealAttacks,
  ...fileAttacks,
  ...deletionAttacks,
  ...redactionAttacks,
  ...reportAttacks
]
