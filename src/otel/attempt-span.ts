import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import { type Attributes, type Context, createContextKey, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { HeaderPairs } from '../message/message.ts'
import { isToBeRendered } from '../message/rendering.ts'
import type { AttemptOutcome, Delivery } from '../policy/attempt.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { AttemptTrace } from '../policy/tracing.ts'
import { setMethod, setUrl, spanName } from './http-attributes.ts'
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

/** On which undici tells of each request. Without anybody there, nothing is to be suppressed, and a context costs more than the span. */
const UNDICI = diagnosticsChannel('undici:request:create')

/** The span of one attempt: one request to a receiver, and those that redirects lead to. */
export class AttemptSpan implements AttemptTrace {
  readonly #span: Span
  readonly #parent: Context
  readonly #claim: Pick<ClaimedRequest, 'number' | 'url'>
  readonly #propagates: Propagates
  #exchanges = 0

  constructor(span: Span, parent: Context, claim: Pick<ClaimedRequest, 'number' | 'url'>, propagates: Propagates) {
    this.#span = span
    this.#parent = parent
    this.#claim = claim
    this.#propagates = propagates
  }

  within<T>(work: () => T): T {
    return runIn(this.#context(), work)
  }

  exchange<T>(request: { url: URL; method: string }, given: HeaderPairs, send: (headers: HeaderPairs) => T): T {
    safely(() => this.#describe(request))
    const headers = safely(() => this.#headersTo(request.url, given)) ?? given
    return UNDICI.hasSubscribers ? runIn(this.#context().setValue(SUPPRESS, true), () => send(headers)) : send(headers)
  }

  end(delivery: Delivery | null, outcome: AttemptOutcome | null): void {
    safely(() => {
      const ended: Attributes = delivery && outcome ? attributesOf(delivery, outcome) : { [OUTCOME]: 'given_back' }
      const resent = this.#claim.number - 1 + Math.max(0, this.#exchanges - 1)
      if (resent > 0) ended[HTTP.resendCount] = resent
      this.#span.setAttributes(ended)
      if (outcome !== null && outcome !== 'accepted') this.#span.setStatus({ code: SpanStatusCode.ERROR })
    })
    safely(() => this.#span.end())
  }

  #describe({ url, method }: { url: URL; method: string }): void {
    this.#exchanges++
    if (this.#exchanges > 1) {
      this.#span.addEvent('redirect', { [HTTP.url]: `${url.origin}${url.pathname}` })
    } else if (isToBeRendered(this.#claim.url)) {
      const attributes: Attributes = {}
      setMethod(attributes, method)
      setUrl(attributes, url)
      this.#span.updateName(spanName(method)).setAttributes(attributes)
    }
  }

  #context(): Context {
    return trace.setSpan(this.#parent, this.#span)
  }

  /** Never twice: the caller may have given the request a trace of its own. */
  #headersTo(url: URL, headers: HeaderPairs): HeaderPairs {
    if (!this.#propagates(url.origin)) return headers
    const isTraced = headers.some(([name]) => /^trace(?:parent|state)$/i.test(name))
    return isTraced ? headers : [...headers, ...traceHeaders(this.#span.spanContext())]
  }
}

function attributesOf({ status, errorCode, remoteAddress }: Delivery, outcome: AttemptOutcome): Attributes {
  const attributes: Attributes = { [OUTCOME]: outcome }
  if (status !== null) attributes[HTTP.status] = status
  if (remoteAddress !== null) attributes[HTTP.peerAddress] = remoteAddress
  if (outcome !== 'accepted') attributes[HTTP.errorType] = errorCode ?? (status === null ? outcome : String(status))
  return attributes
}
