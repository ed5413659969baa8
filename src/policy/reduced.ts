import type { Delivery } from './attempt.ts'

const NOT_STORED = 'The response could not be stored.'

/**
 * The same attempt with less of what a receiver, a certificate or a function of the user's has said, for a database that refuses
 * to hold it: first its texts in ASCII, which every encoding has, then without the response, then without any text at all.
 * Null when there is nothing left to leave out.
 */
export function reduced(delivery: Delivery): Delivery | null {
  const plain = inAscii(delivery)
  if (plain !== null) return plain
  const { headers, body, rendered, errorCode, errorMessage, remoteAddress } = delivery
  if (headers !== null || body !== null || rendered !== undefined)
    return withoutRendering({ ...delivery, headers: null, body: null, errorMessage: NOT_STORED })
  if (errorMessage === NOT_STORED && errorCode === null && remoteAddress === null) return null
  return { ...delivery, errorCode: null, errorMessage: NOT_STORED, remoteAddress: null }
}

/** Null when they are so already. */
function inAscii(delivery: Delivery): Delivery | null {
  const { headers, errorCode, errorMessage, remoteAddress, rendered } = delivery
  const texts = [headers, errorCode, errorMessage, remoteAddress, rendered ?? null]
  if (!NOT_ASCII.test(JSON.stringify(texts))) return null
  const [ownHeaders, ...others] = JSON.parse(JSON.stringify(texts).replaceAll(new RegExp(NOT_ASCII, 'g'), '?'))
  const [ownCode, ownMessage, ownAddress, ownRendering] = others
  const own = { headers: ownHeaders, errorCode: ownCode, errorMessage: ownMessage, remoteAddress: ownAddress }
  return { ...delivery, ...own, ...(rendered !== undefined && { rendered: ownRendering }) }
}

/** Besides all that is not ASCII, the escape of NUL, which no text of Postgres holds. */
const NOT_ASCII = /[^\x20-\x7e]|\\u0000/

function withoutRendering({ rendered: _, ...delivery }: Delivery): Delivery {
  return delivery
}
