import type { Answer, ReceivedRequest } from '../../test/support/receiver.ts'

const seen = new Set<unknown>()
/** When the first request came to a path that begins with `/ill`. */
let illSince: number | undefined

/** The responses of the examples' receiver, by path. */
export function answer({ url, headers }: ReceivedRequest): Answer {
  if (url.startsWith('/broken')) return { status: 500 }
  if (url.startsWith('/ill') && isIll()) return { status: 500 }
  if (url.startsWith('/gone')) return { status: 410 }
  if (url.startsWith('/busy') && isFirst(headers['idempotency-key'])) {
    return { status: 503, headers: { 'retry-after': '1' } }
  }
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ path: url }) }
}

function isFirst(key: unknown): boolean {
  return seen.size < seen.add(key).size
}

function isIll(): boolean {
  illSince ??= Date.now()
  return Date.now() < illSince + 1000
}
