import { attemptRow, type Vault } from './encryption/vault.ts'
import { RequeuestError } from './errors.ts'
import type { FinalRow } from './store/requests.ts'

/** The response that was accepted, as its attempt row keeps it. */
export interface AcceptedResponse {
  status: number
  headers: Headers
  /** The body as it came, up to `maxResponseBytes`. */
  body: Uint8Array
  /** True when the body was longer than what is kept. */
  bodyTruncated: boolean
  /** How many tries it took. */
  attempts: number
  /** The body as UTF-8 text. */
  text(): string
  /**
   * The body as JSON.
   *
   * @throws RequeuestError with code `response_truncated` when only a part of it is kept
   * @throws SyntaxError when it is not JSON
   */
  json<T = unknown>(): T
}

export function toResponse(row: FinalRow, vault: Vault): AcceptedResponse {
  const content = vault.open(attemptRow(row.id, row.number ?? 0), row)
  // A copy: others may wait for the same request, and the database's client may keep other bytes in the same buffer.
  const body = new Uint8Array(content.body ?? [])
  const bodyTruncated = row.bodyTruncated ?? false
  const text = () => new TextDecoder().decode(body)
  return {
    status: row.status ?? 0,
    headers: readableHeaders(content.headers ?? []),
    body,
    bodyTruncated,
    attempts: row.attempts,
    text,
    json<T>() {
      if (!bodyTruncated) return JSON.parse(text()) as T
      const message = `Only the first ${body.byteLength} bytes of the response are kept: see \`maxResponseBytes\` and \`retention.bodies\`.`
      throw new RequeuestError('response_truncated', message)
    },
  }
}

/** A receiver may send header lines that `Headers` refuses: those are in the attempt's own list only. */
function readableHeaders(pairs: [string, string][]): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
  return headers
}
