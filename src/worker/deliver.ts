import type { Delivery } from '../core/attempt.ts'
import type { HeaderPairs } from '../core/request.ts'
import { withoutResponse } from '../core/unsent.ts'
import type { Dispatchers } from '../net/dispatcher.ts'
import { Exchange, type ExchangeResult } from '../net/exchange.ts'
import { failureKind, failureMessage } from '../net/failure.ts'
import { type OutgoingRequest, prepareRequest, withDefaultHeaders } from '../net/outgoing.ts'
import { redirection } from '../net/redirect.ts'
import { type KeyChooser, type Signing, unsignable, withSignature } from '../net/signing.ts'
import { type Deadline, Deadlines } from './deadline.ts'
import { type Postponed, type Render, recordOf, renderFailed } from './rendered.ts'

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

/** Whether one more may go to the origin now; may wait a little for that. Never rejects. */
export type Enter = (origin: string) => Promise<boolean>

export interface Sender {
  /** Sends a request once. Never rejects, and is over when `timeoutMs` have passed. */
  deliver(request: DeliverableRequest): Promise<Delivery>
  /** As {@link Sender.deliver}, for a request that has yet to be made, whose origin was not known before. */
  makeAndDeliver(request: DeliverableRequest, enter: Enter): Promise<Delivery | Postponed>
  /** Breaks off what is under way and closes all connections. */
  close(): Promise<void>
}

export interface SenderOptions {
  dispatchers: Pick<Dispatchers, 'of' | 'destroy'>
  signing: Signing
  render: Render
  /** Names of headers that are not recorded of requests that are made when they are sent, or all of them. */
  hide: readonly string[] | 'all'
  maxResponseBytes: number
}

const MAX_INT = 2_147_483_647
const MAX_TOKEN_BYTES = 65_536

export function createSender({ dispatchers, signing, render, hide, maxResponseBytes }: SenderOptions): Sender {
  const deadlines = new Deadlines()

  async function deliver(request: DeliverableRequest): Promise<Delivery> {
    const deadline = deadlines.begin(request.timeoutMs)
    let delivery: Delivery
    try {
      const outgoing = prepareRequest(request)
      // Most need nothing but an exchange.
      const isPlain = request.maxRedirects === 0 && !signing.has(request.channel)
      delivery = isPlain
        ? toDelivery(await exchange(outgoing, request, deadline))
        : await send(outgoing, request, deadline)
    } catch (error) {
      delivery = failed(error)
    }
    delivery.durationMs = deadlines.clear(deadline)
    return delivery
  }

  async function makeAndDeliver(request: DeliverableRequest, enter: Enter): Promise<Delivery | Postponed> {
    const deadline = deadlines.begin(request.timeoutMs)
    const delivery = await makeAndSend(request, deadline, enter).catch(failed)
    const durationMs = deadlines.clear(deadline)
    return 'outcome' in delivery ? { ...delivery, durationMs } : delivery
  }

  async function makeAndSend(
    request: DeliverableRequest,
    deadline: Deadline,
    enter: Enter,
  ): Promise<Delivery | Postponed> {
    const dispatcher = dispatchers.of(request.channel)
    const making = render(request, (own) => new Exchange(dispatcher, own, MAX_TOKEN_BYTES))
    if (making === null) return { postponed: 'no_renderer' }
    const late = () => renderFailed(new Error(`it was not done within ${request.timeoutMs} ms`))
    const made = await deadline.within(making, late)
    const outgoing = prepareRequest(made)
    if (!(await enter(outgoing.url.origin))) return { postponed: 'no_room' }
    const rendered = recordOf(outgoing, hide)
    const delivery = await send(outgoing, request, deadline).catch(failed)
    const again = delivery.outcome === 'response' && made.answered?.(delivery.status as number)
    return { ...delivery, rendered, ...(again && { retryAtOnce: true as const }) }
  }

  /** Signs it and goes where it is redirected. */
  async function send(outgoing: OutgoingRequest, request: DeliverableRequest, deadline: Deadline): Promise<Delivery> {
    const choose = signing.get(request.channel)
    const sign = choose ? await signer(choose, request, outgoing, deadline) : unsigned
    let sending = outgoing
    let previous: ExchangeResult | null = null
    for (let followed = 0; ; followed++) {
      const result: ExchangeResult = await exchange(sign(sending), request, deadline)
      if (previous && result.error && wasNotSent(result.error)) {
        return toDelivery(previous, redirectError(failureMessage(result.error)))
      }
      if (result.error || request.maxRedirects === 0) return toDelivery(result)
      const next = redirection(sending, result)
      if (next === null) return toDelivery(result)
      if ('refused' in next) return toDelivery(result, redirectError(next.refused))
      if (followed >= request.maxRedirects) return toDelivery(result, redirectError(`more than ${followed} redirects`))
      previous = result
      sending = next.request
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
    makeAndDeliver,
    async close() {
      deadlines.end(new Error('the sender was closed'))
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
  // A copy: requests with the same headers share them.
  const own = headers.map(([name, value]): [string, string] => [name, value])
  const keys = await deadline.within(choose({ id, channel, method, url: url.href, headers: own }), late)
  return (request: OutgoingRequest) => (request.url.origin === url.origin ? withSignature(request, id, keys) : request)
}

function toDelivery({ status, headers, body, remoteAddress, error }: ExchangeResult, failure = error): Delivery {
  const kind = failure === null ? null : failureKind(failure)
  return {
    outcome: kind === null ? 'response' : outcomeOf(kind),
    durationMs: 0,
    status,
    headers,
    body: body.kept,
    bodyTruncated: body.truncated,
    bodySize: status === null ? null : Math.min(body.seen, MAX_INT),
    errorCode: kind,
    errorMessage: kind === null ? null : failureMessage(failure),
    remoteAddress,
  }
}

/** Nothing was sent. */
function failed(error: unknown): Delivery {
  const kind = failureKind(error)
  return withoutResponse(outcomeOf(kind), kind, failureMessage(error))
}

function outcomeOf(kind: ReturnType<typeof failureKind>): Delivery['outcome'] {
  if (kind === 'timeout') return 'timeout'
  if (kind === 'address_blocked') return 'blocked'
  if (kind === 'signing_failed' || kind === 'render_failed' || kind === 'auth_failed') return 'unprepared'
  return kind === 'invalid_request' ? 'invalid' : 'network_error'
}

/** After a redirect `blocked` and `invalid` would be untrue: they say that nothing was sent. */
function wasNotSent(error: Error): boolean {
  return ['blocked', 'invalid'].includes(outcomeOf(failureKind(error)))
}

function redirectError(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_REDIRECT' })
}
