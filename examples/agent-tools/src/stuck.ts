// A process of its own whose tool never comes back: the demo kills it there.
// Argument: the directory.
import { openDesk } from "./desk.ts"
import { openLog } from "./notes-log.ts"
import { notesServer } from "./notes-server.ts"

const audit = openLog(process.argv[2] ?? "")
const server = notesServer(audit, () => process.stdout.write("stuck\n"))
const client = await openDesk(server, "bob", "accept")
await client.callTool({ name: "rebuild_index", arguments: { folder: "/srv/notes" } })
