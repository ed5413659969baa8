import type { ReceivedRequest, Reply } from '../../src/testing/index.ts'

const seen = new Set<unknown>()
/** When the first request came to a path that begins with `/ill`. */
let illSince: number | undefined

/** What the examples' receiver replies, by path. */
export function reply({ path, headers }: ReceivedRequest): Reply {
  if (path.startsWith('/broken')) return 500
  if (path.startsWith('/ill') && isIll()) return 500
  if (path.startsWith('/gone')) return 410
  if (path.startsWith('/busy') && isFirst(headers['idempotency-key'])) {
    return { status: 503, headers: { 'retry-after': '1' } }
  }
  return { json: { path } }
}

function isFirst(key: unknown): boolean {
  return seen.size < seen.add(key).size
}

function isIll(): boolean {
  illSince ??= Date.now()
  return Date.now() < illSince + 1000
}
