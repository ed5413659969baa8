const NOTHING = new Uint8Array(0)

/**
 * Gathers a body up to a limit. The chunks are copied together: kept as they came, a body of single bytes would
 * take a hundred times its size in memory.
 */
export class CappedBody {
  readonly #limit: number
  #bytes = NOTHING
  #length = 0
  #seen = 0
  #expected = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** So many bytes are said to come, if it is a number. The space for them is taken when the first ones do. */
  expect(length: number): void {
    this.#expected = Math.min(length || 0, this.#limit)
  }

  /** Whether more came than the limit lets through. */
  get truncated(): boolean {
    return this.#seen > this.#limit
  }

  /** Bytes that came, kept or not. */
  get seen(): number {
    return this.#seen
  }

  /** What was kept, or null when nothing came. It fills its buffer, which is not shared with anything. */
  get kept(): Uint8Array | null {
    if (this.#length === 0) return null
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }

  add(chunk: Uint8Array): void {
    this.#seen += chunk.length
    const room = this.#limit - this.#length
    const fitting = chunk.length <= room ? chunk : chunk.subarray(0, room)
    this.#reserve(this.#length + fitting.length)
    this.#bytes.set(fitting, this.#length)
    this.#length += fitting.length
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#bytes.length * 2, this.#expected)))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
