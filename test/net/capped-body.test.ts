import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CappedBody } from '../../src/net/capped-body.ts'

it('keeps the beginning and counts the rest', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 })
  // What is said to come may be untrue.
  const expected = fc.oneof(fc.integer({ min: -1, max: 500 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))
  fc.assert(
    fc.property(chunks, fc.integer({ min: 0, max: 300 }), expected, (pieces, limit, length) => {
      const body = new CappedBody(limit)
      body.expect(length)
      for (const piece of pieces) body.add(piece)
      const all = Buffer.concat(pieces)
      expect(body.seen).toBe(all.length)
      expect(body.truncated).toBe(all.length > limit)
      expect(Buffer.from(body.kept ?? [])).toEqual(all.subarray(0, limit))
      expect(body.kept === null).toBe(all.length === 0 || limit === 0)
      expect(body.kept?.buffer.byteLength).toBe(body.kept?.length)
    }),
  )
})

it('keeps nothing of the chunks themselves', () => {
  const chunk = Buffer.from('abc')
  const body = new CappedBody(10)
  body.add(chunk)
  chunk.fill('x')
  expect(Buffer.from(body.kept ?? []).toString()).toBe('abc')
})
