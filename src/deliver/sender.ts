import type { HeaderPairs } from '../message/message.ts'
import { Exchange, type ExchangeResult } from '../net/exchange.ts'
import { failureMessage } from '../net/failure.ts'
import { type OutgoingRequest, prepareRequest, withDefaultHeaders } from '../net/outgoing.ts'
import { redirection } from '../net/redirect.ts'
import type { Delivery } from '../policy/attempt.ts'
import type { AttemptTrace } from '../policy/tracing.ts'
import { type Deadline, Deadlines, outOfTime } from './deadline.ts'
import { type Gate, type Postponed, PostponedError } from './gate.ts'
import { Hops } from './hops.ts'
import { type Render, recordOf, renderFailed } from './rendered.ts'
import { type KeyChooser, type Signing, unsignable, withSignature } from './signing.ts'
import { failed, sentBy, toDelivery } from './to-delivery.ts'
import type { Reach } from './tokens.ts'

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
  deliver(request: DeliverableRequest, gate: Gate, trace?: AttemptTrace): Promise<Delivery | Postponed>
  /** As {@link Sender.deliver}, for a request that has yet to be made, whose origin was not known before. */
  makeAndDeliver(request: DeliverableRequest, gate: Gate, trace?: AttemptTrace): Promise<Delivery | Postponed>
  /** Breaks off what is under way and closes all connections. */
  close(): Promise<void>
}

export interface SenderOptions {
  dispatchers: {
    of(channel: string): ConstructorParameters<typeof Exchange>[0]
    destroy(): Promise<void>
  }
  signing: Signing
  render: Render
  /** Names of headers that are not recorded of requests that are made when they are sent, or all of them. */
  hide: readonly string[] | 'all'
  maxResponseBytes: number
}

const MAX_TOKEN_BYTES = 65_536
/** An endpoint that does not give a token is to be blamed for it by its own answer, whatever the request accepts. */
const TOKEN_ACCEPT = ['2xx']

export function createSender({ dispatchers, signing, render, hide, maxResponseBytes }: SenderOptions): Sender {
  const deadlines = new Deadlines()

  async function deliver(request: DeliverableRequest, gate: Gate, trace?: AttemptTrace): Promise<Delivery | Postponed> {
    const deadline = deadlines.begin(request.timeoutMs)
    let sent: Delivery | Postponed
    try {
      const outgoing = prepareRequest(request)
      // Most need nothing but an exchange.
      const isPlain = request.maxRedirects === 0 && !signing.has(request.channel)
      sent = isPlain
        ? sentBy(await exchange(outgoing, request, deadline, trace))
        : await send(outgoing, request, deadline, gate, trace)
    } catch (error) {
      sent = failed(error)
    }
    return timed(sent, deadline)
  }

  async function makeAndDeliver(
    request: DeliverableRequest,
    gate: Gate,
    trace?: AttemptTrace,
  ): Promise<Delivery | Postponed> {
    const deadline = deadlines.begin(request.timeoutMs)
    const sent = await makeAndSend(request, deadline, gate, trace).catch((error) =>
      error instanceof PostponedError ? error.reason : failed(error),
    )
    return timed(sent, deadline)
  }

  function timed(sent: Delivery | Postponed, deadline: Deadline): Delivery | Postponed {
    const durationMs = deadlines.clear(deadline)
    if ('outcome' in sent) sent.durationMs = durationMs
    return sent
  }

  async function makeAndSend(
    request: DeliverableRequest,
    deadline: Deadline,
    gate: Gate,
    trace?: AttemptTrace,
  ): Promise<Delivery | Postponed> {
    const making = within(trace, () => render(request, reach(request.channel, gate)))
    if (making === null) return { postponed: 'no_renderer' }
    const late = () => renderFailed(new Error(`it was not done within ${request.timeoutMs} ms`))
    const made = await deadline.within(making, late)
    const outgoing = prepareRequest(made)
    const { origin } = outgoing.url
    if (!(await gate.enter(origin))) return { postponed: 'no_room' }
    const rendered = recordOf(outgoing, hide)
    const sent = await send(outgoing, request, deadline, gate, trace).catch(failed)
    if ('postponed' in sent) {
      gate.left(origin, null)
      return sent
    }
    gate.left(origin, sent.ofOrigin ?? sent)
    const again = sent.outcome === 'response' && made.answered?.(sent.status as number)
    return { ...sent, rendered, ...(again && { retryAtOnce: true as const }) }
  }

  /** Sends what it takes to get a token, if its endpoint may be asked now. */
  function reach(channel: string, gate: Gate): Reach {
    return async (request, timeoutMs) => {
      const { origin } = request.url
      if (!(await gate.enter(origin))) throw new PostponedError({ postponed: 'no_room' })
      const asked = new Exchange(dispatchers.of(channel), request, MAX_TOKEN_BYTES)
      const timer = setTimeout(() => asked.cancel(outOfTime(timeoutMs)), timeoutMs)
      const result = await asked.done.finally(() => clearTimeout(timer))
      const sent = sentBy(result)
      gate.left(origin, 'outcome' in sent ? sent : null, TOKEN_ACCEPT)
      if ('postponed' in sent) throw new PostponedError(sent)
      return result
    }
  }

  /** Signs it and goes where it is redirected, if there is room. */
  async function send(
    outgoing: OutgoingRequest,
    request: DeliverableRequest,
    deadline: Deadline,
    gate: Gate,
    trace?: AttemptTrace,
  ): Promise<Delivery | Postponed> {
    const choose = signing.get(request.channel)
    const sign = choose ? await signer(choose, request, outgoing, deadline, trace) : unsigned
    const hops = new Hops(outgoing.url.origin, gate)
    try {
      return await follow(outgoing, (hop) => exchange(sign(hop), request, deadline, trace), request.maxRedirects, hops)
    } finally {
      hops.leave()
    }
  }

  function exchange(
    outgoing: OutgoingRequest,
    { id, channel }: DeliverableRequest,
    deadline: Deadline,
    trace?: AttemptTrace,
  ) {
    const headers = withDefaultHeaders(outgoing.headers, id)
    const begin = (all: HeaderPairs) =>
      new Exchange(dispatchers.of(channel), { ...outgoing, headers: all }, maxResponseBytes)
    const started = trace ? trace.exchange(outgoing, headers, begin) : begin(headers)
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

async function follow(
  outgoing: OutgoingRequest,
  exchange: (hop: OutgoingRequest) => Promise<ExchangeResult>,
  maxRedirects: number,
  hops: Hops,
): Promise<Delivery | Postponed> {
  let sending = outgoing
  let previous: ExchangeResult | null = null
  for (let followed = 0; ; followed++) {
    const result: ExchangeResult = await exchange(sending)
    const sent = sentBy(result)
    if (previous && wasNotSent(sent)) {
      return hops.ended(toDelivery(previous, redirectError(failureMessage(result.error))))
    }
    if ('postponed' in sent) return sent
    hops.answered(sending.url.origin, sent)
    const next = result.error || maxRedirects === 0 ? null : redirection(sending, result)
    if (next === null) return hops.ended(sent)
    if ('refused' in next) return hops.ended(toDelivery(result, redirectError(next.refused)))
    const { origin } = next.request.url
    if (followed >= maxRedirects)
      return hops.ended(toDelivery(result, redirectError(`more than ${followed} redirects`)))
    if (!(await hops.enter(origin))) {
      const reason = `the redirect leads to ${origin}, which is paused or has no room now`
      return hops.ended(toDelivery(result, redirectError(reason)))
    }
    previous = result
    sending = next.request
  }
}

/** After a redirect this would be untrue of the whole: something was sent. */
function wasNotSent(sent: Delivery | Postponed): boolean {
  return 'postponed' in sent || sent.outcome === 'blocked' || sent.outcome === 'invalid'
}

/** Runs code of the caller's as a part of the attempt. */
function within<T>(trace: AttemptTrace | undefined, work: () => T): T {
  return trace ? trace.within(work) : work()
}

const unsigned = (outgoing: OutgoingRequest) => outgoing

/** Signs what goes to the origin that the request is meant for, but not what goes where that one redirects it. */
async function signer(
  choose: KeyChooser,
  { id, channel }: DeliverableRequest,
  { method, url, headers }: OutgoingRequest,
  deadline: Deadline,
  trace?: AttemptTrace,
) {
  const late = () => unsignable('the keys to sign it with were not there in time')
  // A copy: requests with the same headers share them.
  const own = headers.map(([name, value]): [string, string] => [name, value])
  const choosing = within(trace, () => choose({ id, channel, method, url: url.href, headers: own }))
  const keys = await deadline.within(choosing, late)
  return (request: OutgoingRequest) => (request.url.origin === url.origin ? withSignature(request, id, keys) : request)
}

function redirectError(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_REDIRECT' })
}
