import { createTraceState, isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api'

/** What an attempt's trace is to that of the spawn: it refers to it, or is a part of it. */
export type Relation = 'link' | 'parent'

/** The member of `tracestate` that says that attempts are parts of the trace. */
const RELATION = 'requeuest'
/** As much as the specification asks to pass on. */
const LONGEST_STATE = 512

/** The text that a row keeps of a spawn's span; null for none. */
export function toTraceContext(span: SpanContext, relation: Relation): string | null {
  if (!isSpanContextValid(span)) return null
  const isSampled = (span.traceFlags & TraceFlags.SAMPLED) !== 0
  // What is not recorded can be continued, so that the decision is kept, but a link would lead nowhere.
  if (relation === 'link' && !isSampled) return null
  const state = (span.traceState ?? createTraceState()).unset(RELATION)
  const text = (relation === 'parent' ? state.set(RELATION, 'parent') : state).serialize()
  return [traceparentOf(span), text.length > LONGEST_STATE ? '' : text].join(' ').trimEnd()
}

/** Reads what {@link toTraceContext} wrote, or somebody else; null if it is anything else. */
export function readTraceContext(text: string | null): { span: SpanContext; relation: Relation } | null {
  const [, traceId, spanId, flags, state] =
    /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?: (.{1,512}))?$/.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  const span: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  if (!isSpanContextValid(span)) return null
  if (state === undefined) return { span, relation: 'link' }
  const whole = createTraceState(state)
  const relation = whole.get(RELATION) === 'parent' ? 'parent' : 'link'
  return { span: { ...span, traceState: whole.unset(RELATION) }, relation }
}

/** The headers by which a receiver continues the trace. */
export function traceHeaders(span: SpanContext): [name: string, value: string][] {
  if (!isSpanContextValid(span)) return []
  const state = span.traceState?.serialize() ?? ''
  const parent: [string, string] = ['traceparent', traceparentOf(span)]
  return state === '' ? [parent] : [parent, ['tracestate', state]]
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`
}
