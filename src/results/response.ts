import { attemptRow, type Vault } from '../encryption/vault.ts'
import { describe, RequeuestError } from '../errors.ts'
import { withBytes } from '../store/body-text.ts'
import type { FinalRow } from '../store/requests.ts'

/** The accepted response, as stored in its attempt row. */
export interface AcceptedResponse {
  status: number
  headers: Headers
  /** The body as received, up to `maxResponseBytes`. */
  body: Uint8Array
  /** True if the body was longer than what is stored. */
  bodyTruncated: boolean
  /** How many attempts it took. */
  attempts: number
  /** The body as UTF-8 text. */
  text(): string
  /**
   * The body as JSON.
   *
   * @throws {@link RequeuestError} with code `response_truncated` if only a part of it is stored, or `response_not_json` if it
   *   is compressed or not JSON
   */
  json<T = unknown>(): T
}

export function toResponse(row: FinalRow, vault: Vault): AcceptedResponse {
  const content = vault.open(attemptRow(row.id, row.number ?? 0), withBytes(row))
  // A copy: others may wait for the same request, and the database's client may keep other bytes in the same buffer.
  const body = new Uint8Array(content.body ?? [])
  const bodyTruncated = row.bodyTruncated ?? false
  const headers = readableHeaders(content.headers ?? [])
  const text = () => new TextDecoder().decode(body)
  return {
    status: row.status ?? 0,
    headers,
    body,
    bodyTruncated,
    attempts: row.attempts,
    text,
    json<T>() {
      if (bodyTruncated) throw truncated(body)
      try {
        return JSON.parse(text()) as T
      } catch (cause) {
        throw notJson(body, headers, cause)
      }
    },
  }
}

function truncated(body: Uint8Array): RequeuestError {
  const message = `Only the first ${body.byteLength} bytes of the response are kept: see \`maxResponseBytes\` and \`retention.bodies\`.`
  return new RequeuestError('response_truncated', message)
}

/** Says what it is instead, but nothing of the body: that may be a secret. */
function notJson(body: Uint8Array, headers: Headers, cause: unknown): RequeuestError {
  const encoding = headers.get('content-encoding')
  const type = headers.get('content-type')
  let what = `is not JSON; its content type is ${describe(type ?? undefined)}`
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    what = `is compressed (content-encoding: ${describe(encoding)}); \`body\` has it as it came`
  }
  if (body.byteLength === 0) what = 'has no body, so it is not JSON'
  return new RequeuestError('response_not_json', `The response ${what}.`, { cause })
}

/** A receiver may send header lines that `Headers` refuses: those are in the attempt's own list only. */
function readableHeaders(pairs: [string, string][]): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value)
    } catch {
      // Nothing but that refusal; which `TypeError` it is depends on the realm.
    }
  }
  return headers
}
