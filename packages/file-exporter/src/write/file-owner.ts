// What we refuse to append to, or to use as a directory: what is not ours alone may be a trap.
// The facts come from the file layer; file-door.node.ts looks at them each time that it opens a file.
import { diskRefusal } from "../disk/error.ts"
import type { DirFacts, FileFacts } from "../disk/file-layer.ts"

/** Throws for what is no regular file, belongs to another user, or has a second name. Where there are no user ids, owners are not compared. */
export const refuseOthers = (path: string, facts: FileFacts, ownUid: number | undefined): void => {
  const refuse = (why: string): never => {
    throw diskRefusal("append to", path, why)
  }
  if (!facts.isFile) refuse("it is not a regular file")
  if (ownUid !== undefined && facts.uid !== ownUid) {
    refuse(`it belongs to user ${facts.uid}, and we are user ${ownUid}`)
  }
  if (facts.links > 1) refuse(`it has ${facts.links} names; a log file has one`)
}

/** Throws for a directory, below the one for temporary files, that others may have made or may write to. */
export const refuseShared = (dir: string, facts: DirFacts, ownUid: number | undefined): void => {
  const isOurs =
    facts.isDirectory && (ownUid === undefined || facts.uid === ownUid) && (facts.mode & 0o077) === 0
  if (!isOurs)
    throw diskRefusal("use the directory", dir, "it is not ours alone (wanted: our own directory, mode 0700)")
}
