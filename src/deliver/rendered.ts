import { reasonOf, redactUrl } from '../errors.ts'
import type { HeaderPairs } from '../message/message.ts'
import { redactHeaders } from '../message/redact.ts'
import type { RenderedRequest } from '../message/rendering.ts'
import type { OutgoingRequest } from '../net/outgoing.ts'
import type { Reach } from './tokens.ts'

/** What a renderer makes: the request that is sent in place of the row. */
export interface Rendering {
  method: string
  url: string
  headers: HeaderPairs
  body: Uint8Array | null
  /** Gets the status of the response; returns whether to send the request again at once. */
  answered?: (status: number) => boolean
}

/** Makes the request that a row stands for; null when this process does not know how. */
export type Render = (
  request: { id: string; channel: string; url: string; body: Uint8Array | null },
  reach: Reach,
) => Promise<Rendering> | null

/** What is recorded of a request that was made when it was sent. */
export function recordOf(request: OutgoingRequest, hide: readonly string[] | 'all'): RenderedRequest {
  const { method, url, headers, body } = request
  const hidden = hide === 'all' ? headers.map(([name]) => name.toLowerCase()) : hide
  const bodySize = body?.byteLength ?? null
  return { method, url: redactUrl(url.href), headers: redactHeaders(headers, hidden), bodySize }
}

export function renderFailed(cause: unknown): Error {
  return Object.assign(new Error(`the renderer failed: ${reasonOf(cause)}`), { code: 'ERR_REQUEUEST_RENDER' })
}
