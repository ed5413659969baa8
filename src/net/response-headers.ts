import type { HeaderPairs } from '../message/message.ts'

/** Names and values of one response. */
export const MAX_HEADER_BYTES = 32_768

/** Longer ones are not kept: there may be a thousand receivers, none of them well-meaning. */
const MOST_KEPT = 4096

/**
 * Reads the header lines of responses that come from one receiver. It sends the same ones again and again, apart from a
 * date that changes once a second, so those that come twice in a row are read once. Whoever gets them shares them.
 */
export class ResponseHeaders {
  #wire = ''
  #pairs: HeaderPairs = []

  /** @param flat - each name followed by its value */
  read(flat: readonly Buffer[]): HeaderPairs {
    const wire = wireText(flat)
    if (wire === null) return headerPairs(flat)
    if (wire !== this.#wire) {
      this.#pairs = headerPairs(flat)
      this.#wire = wire
    }
    return this.#pairs
  }
}

/** All of it as it came, if it is short and lies in one piece in memory: that of which the beginning came earlier does not. */
function wireText(flat: readonly Buffer[]): string | null {
  const [first] = flat
  if (!first) return null
  let end = first.byteOffset
  for (const part of flat) {
    if (part.buffer !== first.buffer || part.byteOffset < end) return null
    end = part.byteOffset + part.length
  }
  if (end - first.byteOffset > MOST_KEPT) return null
  return Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset).toString('latin1')
}

function headerPairs(flat: readonly Buffer[]): HeaderPairs {
  const pairs: HeaderPairs = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.push([latin1(flat[index] as Buffer), latin1(flat[index + 1] as Buffer)])
  }
  return pairs
}

/** Neither NUL, which Postgres does not hold, nor lone surrogates can come out of this. */
function latin1(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
}
