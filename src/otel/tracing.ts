import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { isRequeuestError } from '../errors.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { AttemptTrace, TracedSpawn, Tracing } from '../policy/tracing.ts'
import { AttemptSpan, type Propagates } from './attempt-span.ts'
import { readTarget, setMethod, setUrl, spanName } from './http-attributes.ts'
import { HTTP, MESSAGING, SYSTEM } from './names.ts'
import { runIn, safely } from './safely.ts'
import { type Relation, readTraceContext, toTraceContext } from './trace-context.ts'

const LONGEST_CHANNEL = 200

export interface TracingTerms {
  tracer: Tracer
  /** Undefined: by whether the caller waits. */
  relation: Relation | undefined
  propagates: Propagates
}

/** Spans of spawns and attempts. */
export class SpanTracing implements Tracing {
  readonly #terms: TracingTerms

  constructor(terms: TracingTerms) {
    this.#terms = terms
  }

  spawn<T>(spawn: TracedSpawn, work: (traceContext: string | null) => Promise<T>): Promise<T> {
    const span = safely(() => this.#beginSpawn(spawn))
    if (!span) return work(null)
    const relation = this.#terms.relation ?? (spawn.isAwaited ? 'parent' : 'link')
    const traceContext = safely(() => toTraceContext(span.spanContext(), relation)) ?? null
    const active = safely(() => trace.setSpan(context.active(), span)) ?? ROOT_CONTEXT
    return runIn(active, () => finished(span, work(traceContext)))
  }

  #beginSpawn({ channel, count }: TracedSpawn): Span {
    const destination = String(channel).slice(0, LONGEST_CHANNEL)
    const attributes: Attributes = {
      [MESSAGING.system]: SYSTEM,
      [MESSAGING.operation]: 'spawn',
      [MESSAGING.operationType]: 'send',
      [MESSAGING.destination]: destination,
      ...(count !== undefined && { [MESSAGING.batchSize]: count }),
    }
    return this.#terms.tracer.startSpan(`spawn ${destination}`, { kind: SpanKind.PRODUCER, attributes })
  }

  attempt(claim: ClaimedRequest): AttemptTrace {
    return safely(() => this.#beginAttempt(claim)) ?? UNTRACED
  }

  /** In no context of whoever runs now, which may be that of any other request. */
  #beginAttempt(claim: ClaimedRequest): AttemptSpan {
    const { id, channel, method, url, origin, traceContext } = claim
    const spawned = readTraceContext(traceContext)
    const parent = spawned?.relation === 'parent' ? trace.setSpanContext(ROOT_CONTEXT, spawned.span) : ROOT_CONTEXT
    const attributes: Attributes = {
      [MESSAGING.system]: SYSTEM,
      [MESSAGING.operation]: 'attempt',
      [MESSAGING.destination]: channel,
      [MESSAGING.messageId]: id,
    }
    setMethod(attributes, method)
    const target = readTarget(url, origin)
    if (target) setUrl(attributes, target)
    const links = spawned?.relation === 'link' ? [{ context: spawned.span }] : []
    const { tracer, propagates } = this.#terms
    const span = tracer.startSpan(spanName(method), { kind: SpanKind.CLIENT, attributes, links }, parent)
    return new AttemptSpan(span, parent, claim, propagates)
  }

  detached<T>(begin: () => T): T {
    return runIn(ROOT_CONTEXT, begin)
  }
}

/** Where the tracer fails, an attempt is made without. */
const UNTRACED: AttemptTrace = {
  within: (work) => work(),
  exchange: (_request, headers, send) => send(headers),
  end: () => {},
}

async function finished<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const result = await work
    safely(() => typeof result === 'string' && span.setAttribute(MESSAGING.messageId, result))
    return result
  } catch (error) {
    const errorType = isRequeuestError(error) ? error.code : error instanceof Error ? error.name : '_OTHER'
    // A message may quote what was given.
    safely(() => span.setAttribute(HTTP.errorType, errorType).setStatus({ code: SpanStatusCode.ERROR }))
    throw error
  } finally {
    safely(() => span.end())
  }
}
