const HEAD_END = '\r\n\r\n'
const LENGTH = /content-length: *(\d+)/i
const NOTHING = Buffer.alloc(0)

/**
 * Reads requests from the bytes of one connection: a head, and a body of the length that it names. That is all that the
 * senders under test produce, and reading no more than that leaves the machine's cores to them.
 */
export class RequestReader {
  readonly #onRequest: (path: string) => void
  #head: Buffer = NOTHING
  #path = ''
  #bodyLeft = 0

  constructor(onRequest: (path: string) => void) {
    this.#onRequest = onRequest
  }

  read(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) rest = this.#bodyLeft > 0 ? this.#readBody(rest) : this.#readHead(rest)
  }

  #readHead(chunk: Buffer): Buffer {
    const bytes = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk
    const end = bytes.indexOf(HEAD_END)
    if (end < 0) {
      this.#head = bytes
      return NOTHING
    }
    this.#head = NOTHING
    const head = bytes.toString('latin1', 0, end)
    const pathStart = head.indexOf(' ') + 1
    this.#path = head.slice(pathStart, head.indexOf(' ', pathStart))
    this.#bodyLeft = Number(LENGTH.exec(head)?.[1] ?? 0)
    if (this.#bodyLeft === 0) this.#onRequest(this.#path)
    return bytes.subarray(end + HEAD_END.length)
  }

  #readBody(chunk: Buffer): Buffer {
    const taken = Math.min(this.#bodyLeft, chunk.length)
    this.#bodyLeft -= taken
    if (this.#bodyLeft === 0) this.#onRequest(this.#path)
    return chunk.subarray(taken)
  }
}
