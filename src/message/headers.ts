import { TOKEN } from './method.ts'

/** The first thing that is wrong with a list of header lines. `index` is -1 when it is the list as a whole. */
export interface HeaderProblem {
  index: number
  name: string
  problem: string
}

const MAX_LINES = 200
const MAX_BYTES = 65_536

const CONNECTION = 'it speaks of one connection, which the sender manages (RFC 9110 section 7.6.1)'
const FRAMING = 'it is derived from the body that is sent (RFC 9112 section 6)'

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['connection', CONNECTION],
  ['keep-alive', CONNECTION],
  ['te', CONNECTION],
  ['upgrade', CONNECTION],
  ['http2-settings', 'it asks to switch the protocol, which is obsolete (RFC 9113 section 3.1)'],
  ['transfer-encoding', FRAMING],
  ['content-length', FRAMING],
  ['trailer', 'no trailers are sent (RFC 9110 section 6.6.2)'],
  ['expect', 'the body is sent without waiting (RFC 9110 section 10.1.1)'],
  ['host', 'it is derived from the URL (RFC 9110 section 7.2)'],
])

/**
 * The first reason why `pairs` cannot be sent as the headers of a request, or null.
 *
 * Names are tokens (RFC 9110 section 5.1), values are visible characters, spaces and tabs (section 5.5) that fit
 * in latin1, which is what goes on the wire. Fields that frame the message or belong to the connection or to a
 * proxy (section 11.7) are refused: next to the sender's own they would allow request smuggling.
 */
export function checkHeaders(pairs: unknown): HeaderProblem | null {
  if (!Array.isArray(pairs)) return whole('they are not a list of [name, value] pairs')
  if (pairs.length > MAX_LINES) return whole(`there are more than ${MAX_LINES}`)
  let bytes = 0
  for (const [index, pair] of pairs.entries()) {
    const problem = checkPair(pair)
    if (problem) return { index, ...problem }
    bytes += pair[0].length + pair[1].length + ': \r\n'.length
  }
  return bytes > MAX_BYTES ? whole(`they take more than ${MAX_BYTES} bytes`) : null
}

function checkPair(pair: unknown): Omit<HeaderProblem, 'index'> | null {
  if (!Array.isArray(pair) || pair.length !== 2) return { name: '', problem: 'it is not a [name, value] pair' }
  const [name, value]: unknown[] = pair
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    return { name: typeof name === 'string' ? name : '', problem: 'its name is not an HTTP token' }
  }
  if (typeof value !== 'string') return { name, problem: 'its value is not a text' }
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    const isForeign = /[\u0100-\uffff]/.test(value)
    return {
      name,
      problem: isForeign ? 'its value has characters that latin1 does not' : 'its value contains a control character',
    }
  }
  const lower = name.toLowerCase()
  const reason = lower.startsWith('proxy-') ? 'it is meant for a proxy (RFC 9110 section 11.7)' : REFUSED.get(lower)
  return reason === undefined ? null : { name, problem: reason }
}

function whole(problem: string): HeaderProblem {
  return { index: -1, name: '', problem }
}
