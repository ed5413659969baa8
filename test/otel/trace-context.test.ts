import { createTraceState, TraceFlags } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { readTraceContext, toTraceContext, traceHeaders } from '../../src/otel/trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const sampled = { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
const PARENT = `00-${traceId}-${spanId}-01`

test('a row keeps the traceparent, the tracestate of others, and whether attempts belong to the trace', () => {
  const traceState = createTraceState('vendor=1')
  expect(toTraceContext(sampled, 'link')).toBe(PARENT)
  expect(toTraceContext(sampled, 'parent')).toBe(`${PARENT} requeuest=parent`)
  expect(toTraceContext({ ...sampled, traceState }, 'link')).toBe(`${PARENT} vendor=1`)
  const both = toTraceContext({ ...sampled, traceState }, 'parent')
  expect(both).toBe(`${PARENT} requeuest=parent,vendor=1`)
  const read = readTraceContext(both)
  expect(read).toMatchObject({ relation: 'parent', span: { ...sampled, isRemote: true } })
  expect(traceHeaders(read!.span)).toEqual([
    ['traceparent', PARENT],
    ['tracestate', 'vendor=1'],
  ])
})

test('a spawn that is not sampled is continued, but not linked to', () => {
  const unsampled = { ...sampled, traceFlags: TraceFlags.NONE }
  expect(toTraceContext(unsampled, 'link')).toBeNull()
  expect(toTraceContext(unsampled, 'parent')).toBe(`00-${traceId}-${spanId}-00 requeuest=parent`)
})

test.each([
  null,
  '',
  'none',
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `${PARENT}x`,
  `${PARENT.toUpperCase()}`,
  `${PARENT} ${'a'.repeat(600)}`,
])('what is no trace context is read as none: %s', (text) => {
  expect(readTraceContext(text)).toBeNull()
})
