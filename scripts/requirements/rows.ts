// All requirements in the order in which they are told: what the product must do, then what it must survive.
// Which tests show them is found in the names of the tests.

import type { RowGroup } from "./row-group.ts"
import { faultGroups } from "./rows-f.ts"
import { acceptanceGroups } from "./rows-s.ts"

export const rowGroups: readonly RowGroup[] = [...acceptanceGroups, ...faultGroups]
