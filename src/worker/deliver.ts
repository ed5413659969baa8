import type { Delivery } from '../core/attempt.ts'
import type { HeaderPairs } from '../core/request.ts'
import type { Dispatchers } from '../net/dispatcher.ts'
import { Exchange, type ExchangeResult } from '../net/exchange.ts'
import { failureKind, failureMessage } from '../net/failure.ts'
import { type OutgoingRequest, prepareRequest, withDefaultHeaders } from '../net/outgoing.ts'
import { redirection } from '../net/redirect.ts'
import { type KeyChooser, type Signing, unsignable, withSignature } from '../net/signing.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Deadline } from './deadline.ts'

/** As much of a request as it takes to send it. It may have been written by hand, so nothing is taken for granted. */
export interface DeliverableRequest {
  id: string
  channel: string
  method: string
  url: string
  headers: HeaderPairs | null
  body: Uint8Array | null
  timeoutMs: number
  maxRedirects: number
}

export interface Sender {
  /** Sends a request once. Never rejects, and is over when `timeoutMs` have passed. */
  deliver(request: DeliverableRequest): Promise<Delivery>
  /** Breaks off what is under way and closes all connections. */
  close(): Promise<void>
}

export interface SenderOptions {
  dispatchers: Pick<Dispatchers, 'of' | 'destroy'>
  signing: Signing
  maxResponseBytes: number
}

const MAX_INT = 2_147_483_647

export function createSender({ dispatchers, signing, maxResponseBytes }: SenderOptions): Sender {
  const running = new Set<Deadline>()

  async function deliver(request: DeliverableRequest): Promise<Delivery> {
    const startedAtMs = monotonicMs()
    let delivery: Delivery
    try {
      delivery = await send(request)
    } catch (error) {
      delivery = toDelivery(null, error)
    }
    delivery.durationMs = Math.round(monotonicMs() - startedAtMs)
    return delivery
  }

  async function send(request: DeliverableRequest): Promise<Delivery> {
    let outgoing = prepareRequest(request)
    const deadline = new Deadline(request.timeoutMs)
    running.add(deadline)
    try {
      const choose = signing.get(request.channel)
      const sign = choose ? await signer(choose, request, outgoing, deadline) : unsigned
      let previous: ExchangeResult | null = null
      for (let followed = 0; ; followed++) {
        const result: ExchangeResult = await exchange(sign(outgoing), request, deadline)
        if (previous && result.error && wasNotSent(result.error)) {
          return toDelivery(previous, redirectError(failureMessage(result.error)))
        }
        if (result.error || request.maxRedirects === 0) return toDelivery(result, result.error)
        const next = redirection(outgoing, result)
        if (next === null) return toDelivery(result, null)
        if ('refused' in next) return toDelivery(result, redirectError(next.refused))
        if (followed >= request.maxRedirects)
          return toDelivery(result, redirectError(`more than ${followed} redirects`))
        previous = result
        outgoing = next.request
      }
    } finally {
      deadline.clear()
      running.delete(deadline)
    }
  }

  function exchange(outgoing: OutgoingRequest, { id, channel }: DeliverableRequest, deadline: Deadline) {
    const headers = withDefaultHeaders(outgoing.headers, id)
    const started = new Exchange(dispatchers.of(channel), { ...outgoing, headers }, maxResponseBytes)
    deadline.limit((reason) => started.cancel(reason))
    return started.done
  }

  return {
    deliver,
    async close() {
      for (const deadline of running) deadline.end(new Error('the sender was closed'))
      await dispatchers.destroy()
    },
  }
}

const unsigned = (outgoing: OutgoingRequest) => outgoing

/** Signs what goes to the origin that the request is meant for, but not what goes where that one redirects it. */
async function signer(
  choose: KeyChooser,
  { id, channel }: DeliverableRequest,
  { method, url, headers }: OutgoingRequest,
  deadline: Deadline,
) {
  const late = () => unsignable('the keys to sign it with were not there in time')
  const keys = await deadline.within(choose({ id, channel, method, url: url.href, headers: [...headers] }), late)
  return (request: OutgoingRequest) => (request.url.origin === url.origin ? withSignature(request, id, keys) : request)
}

function toDelivery(result: ExchangeResult | null, error: unknown): Delivery {
  const status = result?.status ?? null
  const kind = error === null ? null : failureKind(error)
  return {
    outcome: kind === null ? 'response' : outcomeOf(kind),
    durationMs: 0,
    status,
    headers: result?.headers ?? null,
    body: result?.body.kept ?? null,
    bodyTruncated: result?.body.truncated ?? false,
    bodySize: result === null || status === null ? null : Math.min(result.body.seen, MAX_INT),
    errorCode: kind,
    errorMessage: kind === null ? null : failureMessage(error),
    remoteAddress: result?.remoteAddress ?? null,
  }
}

function outcomeOf(kind: ReturnType<typeof failureKind>): Delivery['outcome'] {
  if (kind === 'timeout') return 'timeout'
  if (kind === 'address_blocked') return 'blocked'
  if (kind === 'signing_failed') return 'unprepared'
  return kind === 'invalid_request' ? 'invalid' : 'network_error'
}

/** After a redirect `blocked` and `invalid` would be untrue: they say that nothing was sent. */
function wasNotSent(error: Error): boolean {
  return ['blocked', 'invalid'].includes(outcomeOf(failureKind(error)))
}

function redirectError(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_REDIRECT' })
}
