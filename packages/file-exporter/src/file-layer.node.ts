// The file layer on a real disk. One system call an operation; no `appendFile`, which splits at 512 KiB and tears lines.
// What is done with it is decided in day-file-appender.node.ts.
import { Buffer } from "node:buffer"
import * as fs from "node:fs"
import { promisify } from "node:util"
import type { DirFacts, FileFacts, FileLayer } from "./file-layer.ts"

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = fs.constants
// Windows has neither of the last two.
const appendFlags = O_RDWR | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)
const fileMode = 0o600
const dirMode = 0o700

const open = promisify(fs.open)
const fstat = promisify(fs.fstat)
const lstat = promisify(fs.lstat)
const close = promisify(fs.close)
const mkdir = promisify(fs.mkdir)

const toFacts = (stats: fs.Stats): FileFacts => ({
  isFile: stats.isFile(),
  uid: stats.uid,
  links: stats.nlink,
  size: stats.size
})

const toDirFacts = (stats: fs.Stats): DirFacts => ({
  isDirectory: stats.isDirectory(),
  uid: stats.uid,
  mode: stats.mode & 0o777
})

export const nodeFileLayer: FileLayer = {
  makeDir: async (path) => void (await mkdir(path, { recursive: true, mode: dirMode })),
  dirFacts: async (path) => toDirFacts(await lstat(path)),
  openAppend: (path) => open(path, appendFlags, fileMode),
  facts: async (fd) => toFacts(await fstat(fd)),
  append: (fd, bytes) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, 0, bytes.length, null, (error, written) =>
        error ? reject(error) : resolve(written)
      )
    }),
  byteAt: (fd, position) =>
    new Promise((resolve, reject) => {
      const byte = Buffer.alloc(1)
      fs.read(fd, byte, 0, 1, position, (error, count) =>
        error ? reject(error) : resolve(count === 1 ? byte[0] : undefined)
      )
    }),
  close,
  now: {
    makeDir: (path) => void fs.mkdirSync(path, { recursive: true, mode: dirMode }),
    dirFacts: (path) => toDirFacts(fs.lstatSync(path)),
    openAppend: (path) => fs.openSync(path, appendFlags, fileMode),
    facts: (fd) => toFacts(fs.fstatSync(fd)),
    append: (fd, bytes) => fs.writeSync(fd, bytes, 0, bytes.length, null),
    tail: (fd, bytesMax) => {
      const { size } = fs.fstatSync(fd)
      const tail = Buffer.alloc(Math.min(size, bytesMax))
      return tail.subarray(0, fs.readSync(fd, tail, 0, tail.length, size - tail.length))
    },
    close: (fd) => fs.closeSync(fd),
    pause: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }
}
