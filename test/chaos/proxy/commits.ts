const SIMPLE_QUERY = 0x51
const COMMAND_COMPLETE = 0x43

/** Follows the messages that a client of Postgres sends, and knows a COMMIT when it sees one. */
export class ClientMessages {
  #rest: Buffer = Buffer.alloc(0)
  /** The first message has no type. */
  #headerBytes = 0

  /** Whether these bytes complete a COMMIT. */
  push(chunk: Buffer): boolean {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let commits = false
    while (rest.length >= this.#headerBytes + 4) {
      const bytes = this.#headerBytes + rest.readInt32BE(this.#headerBytes)
      if (rest.length < bytes) break
      const text = rest.toString('latin1', 5, bytes - 1)
      commits ||= this.#headerBytes === 1 && rest[0] === SIMPLE_QUERY && text === 'COMMIT'
      this.#headerBytes = 1
      rest = rest.subarray(bytes)
    }
    this.#rest = rest
    return commits
  }
}

/** Whether Postgres answers that the transaction is committed. The COMMIT of a failed one is answered with ROLLBACK. */
export function saysCommitted(answer: Buffer): boolean {
  return answer[0] === COMMAND_COMPLETE && answer.toString('latin1', 5, 11) === 'COMMIT'
}
