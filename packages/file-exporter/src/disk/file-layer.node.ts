// The file layer on a real disk. One system call an operation; no `appendFile`, which splits at 512 KiB and tears lines.
// What is done with it is decided in write/.
import { Buffer } from "node:buffer"
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers"
import { promisify } from "node:util"
import type { FileFacts, FileLayer, NameFacts, ProbeFacts } from "./file-layer.ts"

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = fs.constants
// Windows has neither of the last two.
const appendFlags = O_RDWR | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)
const newFlags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0)
const readFlags = fs.constants.O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)
const fileMode = 0o600
const dirMode = 0o700
const permissionBits = 0o777

const open = promisify(fs.open)
const fstat = promisify(fs.fstat)
const lstat = promisify(fs.lstat)
const close = promisify(fs.close)
const rename = promisify(fs.rename)
const mkdir = promisify(fs.mkdir)
const unlink = promisify(fs.unlink)

const toFacts = (stats: fs.Stats): FileFacts => ({
  isFile: stats.isFile(),
  uid: stats.uid,
  mode: stats.mode & permissionBits,
  links: stats.nlink,
  size: stats.size,
  identity: `${stats.dev}:${stats.ino}`,
  bornMs: stats.birthtimeMs,
  changedMs: stats.ctimeMs
})

const toProbeFacts = (stats: fs.Stats): ProbeFacts => ({ uid: stats.uid, mode: stats.mode & permissionBits })

/** A name that no file of a log has, and that nobody can have put there before. */
const probePath = (dir: string): string => join(dir, `.daybook-probe-${randomUUID()}`)

const toNameFacts = (stats: fs.Stats): NameFacts => ({
  isDirectory: stats.isDirectory(),
  isFile: stats.isFile(),
  uid: stats.uid,
  mode: stats.mode & permissionBits,
  size: stats.size,
  changedMs: stats.ctimeMs
})

export const nodeFileLayer: FileLayer = {
  makeDir: async (path, mode = dirMode) => void (await mkdir(path, { recursive: true, mode })),
  nameFacts: async (path) => toNameFacts(await lstat(path)),
  probe: async (dir) => {
    const path = probePath(dir)
    const fd = await open(path, newFlags, fileMode)
    try {
      return toProbeFacts(await fstat(fd))
    } finally {
      await close(fd)
      await unlink(path)
    }
  },
  list: promisify(fs.readdir),
  remove: unlink,
  openAppend: (path, mode = fileMode) => open(path, appendFlags, mode),
  openNew: (path, mode = fileMode) => open(path, newFlags, mode),
  openRead: (path) => open(path, readFlags),
  replace: (path, by) => rename(by, path),
  facts: async (fd) => toFacts(await fstat(fd)),
  setMode: promisify(fs.fchmod),
  append: (fd, bytes) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, 0, bytes.length, null, (error, written) =>
        error ? reject(error) : resolve(written)
      )
    }),
  read: (fd, position, count) =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.allocUnsafe(count)
      fs.read(fd, bytes, 0, count, position, (error, got) =>
        error ? reject(error) : resolve(bytes.subarray(0, got))
      )
    }),
  sync: promisify(fs.fdatasync),
  syncDir: async (path) => {
    const fd = await open(path, fs.constants.O_RDONLY)
    try {
      await promisify(fs.fsync)(fd)
    } finally {
      await close(fd)
    }
  },
  close,
  pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
  now: {
    makeDir: (path, mode = dirMode) => void fs.mkdirSync(path, { recursive: true, mode }),
    nameFacts: (path) => toNameFacts(fs.lstatSync(path)),
    probe: (dir) => {
      const path = probePath(dir)
      const fd = fs.openSync(path, newFlags, fileMode)
      try {
        return toProbeFacts(fs.fstatSync(fd))
      } finally {
        fs.closeSync(fd)
        fs.unlinkSync(path)
      }
    },
    list: (path) => fs.readdirSync(path),
    remove: (path) => fs.unlinkSync(path),
    openAppend: (path, mode = fileMode) => fs.openSync(path, appendFlags, mode),
    openNew: (path, mode = fileMode) => fs.openSync(path, newFlags, mode),
    openRead: (path) => fs.openSync(path, readFlags),
    replace: (path, by) => fs.renameSync(by, path),
    facts: (fd) => toFacts(fs.fstatSync(fd)),
    setMode: (fd, mode) => fs.fchmodSync(fd, mode),
    append: (fd, bytes) => fs.writeSync(fd, bytes, 0, bytes.length, null),
    read: (fd, position, count) => {
      const bytes = Buffer.allocUnsafe(count)
      return bytes.subarray(0, fs.readSync(fd, bytes, 0, count, position))
    },
    sync: (fd) => fs.fdatasyncSync(fd),
    syncDir: (path) => {
      const fd = fs.openSync(path, fs.constants.O_RDONLY)
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    },
    close: (fd) => fs.closeSync(fd),
    pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }
}
