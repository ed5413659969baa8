import { type Attributes, type Context, createContextKey, type Span, SpanStatusCode } from '@opentelemetry/api'
import type { HeaderPairs } from '../message/message.ts'
import { isToBeRendered } from '../message/rendering.ts'
import type { AttemptOutcome, Delivery } from '../policy/attempt.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { AttemptTrace } from '../policy/tracing.ts'
import { plainUrl, requestAttributes, spanName } from './http-attributes.ts'
import { HTTP, OUTCOME } from './names.ts'
import { runIn, safely } from './safely.ts'
import { traceHeaders } from './trace-context.ts'

/** Whether the receivers of an origin are to continue the trace. */
export type Propagates = (origin: string) => boolean

/**
 * What `suppressTracing` of @opentelemetry/core sets. Instrumentations of undici, which would make a second span and add a second
 * `traceparent`, heed it.
 */
const SUPPRESS = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/** The span of one attempt: one request to a receiver, and those that redirects lead to. */
export class AttemptSpan implements AttemptTrace {
  readonly #span: Span
  readonly #context: Context
  readonly #claim: Pick<ClaimedRequest, 'number' | 'url'>
  readonly #propagates: Propagates
  #exchanges = 0

  constructor(span: Span, context: Context, claim: Pick<ClaimedRequest, 'number' | 'url'>, propagates: Propagates) {
    this.#span = span
    this.#context = context
    this.#claim = claim
    this.#propagates = propagates
  }

  within<T>(work: () => T): T {
    return runIn(this.#context, work)
  }

  exchange<T>(request: { url: URL; method: string; headers: HeaderPairs }, send: (headers: HeaderPairs) => T): T {
    safely(() => this.#describe(request))
    const headers = safely(() => [...request.headers, ...this.#added(request)]) ?? request.headers
    return runIn(this.#context.setValue(SUPPRESS, true), () => send(headers))
  }

  end(delivery: Delivery | null, outcome: AttemptOutcome | null): void {
    safely(() => {
      const ended = delivery && outcome ? attributesOf(delivery, outcome) : { [OUTCOME]: 'given_back' }
      this.#span.setAttributes(ended)
      const resent = this.#claim.number - 1 + Math.max(0, this.#exchanges - 1)
      if (resent > 0) this.#span.setAttribute(HTTP.resendCount, resent)
      if (outcome !== null && outcome !== 'accepted') this.#span.setStatus({ code: SpanStatusCode.ERROR })
    })
    safely(() => this.#span.end())
  }

  #describe({ url, method }: { url: URL; method: string }): void {
    this.#exchanges++
    if (this.#exchanges > 1) {
      this.#span.addEvent('redirect', { [HTTP.url]: plainUrl(url) })
    } else if (isToBeRendered(this.#claim.url)) {
      this.#span.updateName(spanName(method)).setAttributes(requestAttributes(method, url))
    }
  }

  /** Never twice: the caller may have given the request a trace of its own. */
  #added({ url, headers }: { url: URL; headers: HeaderPairs }): HeaderPairs {
    const isTraced = headers.some(([name]) => name.toLowerCase() === 'traceparent')
    return isTraced || !this.#propagates(url.origin) ? [] : traceHeaders(this.#span.spanContext())
  }
}

function attributesOf({ status, errorCode, remoteAddress }: Delivery, outcome: AttemptOutcome): Attributes {
  return {
    [OUTCOME]: outcome,
    ...(status !== null && { [HTTP.status]: status }),
    ...(remoteAddress !== null && { [HTTP.peerAddress]: remoteAddress }),
    ...(outcome !== 'accepted' && { [HTTP.errorType]: errorCode ?? (status === null ? outcome : String(status)) }),
  }
}
