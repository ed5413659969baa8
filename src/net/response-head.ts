import type { Socket } from 'node:net'

/** Interim responses that one request may get: a receiver could send them without end. */
const MAX_INTERIM = 100

const FOLD = /\r\n[ \t]+/g
const [TAB, LF, CR, SPACE, ONE, H] = [9, 10, 13, 32, 0x31, 0x48]
/** As much of a head as has to be there to tell whether it is interim. */
const STATUS_LENGTH = 'HTTP/1.1 100'.length
const INTERIM = /^HTTP\/1\.\d 1(\d\d)/

/**
 * Brings the heads of responses to what undici reads of what HTTP allows: interim responses are left out (RFC 9110 section
 * 15.2 lets them come unasked, and undici takes a 100 for an error), and lines that are folded become one (RFC 9112 section
 * 5.2). All else goes through as it came, at once: what is no HTTP is for undici to refuse.
 */
export class ResponseHead {
  #awaits: 'nothing' | 'status' | 'end of head' | 'end of interim' = 'nothing'
  /** The end of what came so far, if it has yet to be seen what it belongs to. */
  #held = ''
  #interim = 0

  /** A request is written: what comes next is the head of its response. */
  expect(): void {
    this.#awaits = 'status'
    this.#held = ''
    this.#interim = 0
  }

  /**
   * What undici shall read of these bytes; it may be nothing.
   *
   * @throws an error for what nobody asked for
   */
  take(chunk: Buffer): Buffer {
    if (this.#awaits === 'nothing') return chunk
    // Most heads are in one piece.
    if (this.#awaits === 'status' && this.#held === '' && isPlainHead(chunk)) {
      this.#awaits = 'nothing'
      return chunk
    }
    const text = this.#held + chunk.toString('latin1')
    this.#held = ''
    return Buffer.from(this.#rest(text), 'latin1')
  }

  #rest(text: string): string {
    if (this.#awaits === 'status') return this.#status(text)
    return this.#awaits === 'end of interim' ? this.#skip(text) : this.#head(text)
  }

  #status(text: string): string {
    const line = text.replace(/^[\r\n]+/, '')
    if (line.length < STATUS_LENGTH && INTERIM.test(line + 'HTTP/1.1 100'.slice(line.length))) {
      this.#held = line
      return ''
    }
    const [, status] = INTERIM.exec(line) ?? []
    if (status === '01') throw protocolError('it switches to another protocol, which nobody asked for')
    if (status !== undefined && ++this.#interim > MAX_INTERIM) throw protocolError('too many interim responses')
    this.#awaits = status === undefined ? 'end of head' : 'end of interim'
    return this.#rest(line)
  }

  #skip(text: string): string {
    const end = /\n\r?\n/.exec(text)
    if (end) {
      this.#awaits = 'status'
      return this.#rest(text.slice(end.index + end[0].length))
    }
    this.#held = text.slice(-2)
    return ''
  }

  #head(text: string): string {
    const end = text.indexOf('\r\n\r\n')
    if (end >= 0) {
      this.#awaits = 'nothing'
      return text.slice(0, end).replace(FOLD, ' ') + text.slice(end)
    }
    // The next line may continue this one.
    const open = /\r?\n?\r?$/.exec(text)?.[0] ?? ''
    this.#held = open
    return text.slice(0, text.length - open.length).replace(FOLD, ' ')
  }
}

/** Whether it is all of a head that is not interim and has no folded lines. A loop is faster here than searches. */
function isPlainHead(chunk: Buffer): boolean {
  if (chunk[0] !== H || chunk[9] === ONE) return false
  for (let at = STATUS_LENGTH; at < chunk.length; at++) {
    if (chunk[at] !== LF) continue
    const next = chunk[at + 1]
    if (next === SPACE || next === TAB) return false
    if (next === CR && chunk[at + 2] === LF) return true
  }
  return false
}

function protocolError(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_PROTOCOL' })
}

/** From now on what is read of the socket has passed through `head`. It is by this method alone that undici reads. */
export function readThrough(socket: Socket, head: ResponseHead): void {
  const read = socket.read.bind(socket)
  socket.read = () => {
    try {
      for (let chunk = read(); chunk !== null; chunk = read()) {
        const rest = head.take(chunk)
        if (rest.length > 0) return rest
      }
    } catch (error) {
      socket.destroy(error as Error)
    }
    return null
  }
}
