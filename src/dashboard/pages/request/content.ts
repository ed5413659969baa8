import { prettyJson } from '../../view/json.ts'

/** A body as a page shows it. */
export interface ShownBody {
  kind: 'JSON' | 'text' | 'binary'
  text: string
  /** Whether this is only the beginning. */
  isPart: boolean
}

const MOST_BYTES = 65_536
const HEAD_BYTES = 256

/** JSON is pretty-printed, text is shown as it is, and of what is neither the first bytes are. */
export function shownBody(body: Uint8Array): ShownBody {
  const isLong = body.length > MOST_BYTES
  const text = textOf(body)
  if (text === null)
    return { kind: 'binary', text: hexOf(body.subarray(0, HEAD_BYTES)), isPart: body.length > HEAD_BYTES }
  const pretty = isLong ? null : prettyJson(text)
  if (pretty !== null)
    return { kind: 'JSON', text: pretty.slice(0, 4 * MOST_BYTES), isPart: pretty.length > 4 * MOST_BYTES }
  return { kind: 'text', text: text.slice(0, MOST_BYTES), isPart: isLong }
}

/** The body as text; null if it is none. */
export function textOf(body: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** Sixteen bytes a line, with those that are letters beside. */
function hexOf(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${letters}`)
  }
  return lines.join('\n')
}
