import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { open, seal } from '../../src/encryption/envelope.ts'

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 })
const anyPlace = fc.string({ unit: 'binary', maxLength: 50 })
const anyBytes = fc.uint8Array({ maxLength: 300 })

test('what was sealed opens with the same key in the same place, and nowhere else', () => {
  fc.assert(
    fc.property(anyKey, anyPlace, anyBytes, anyKey, anyPlace, (key, place, plain, otherKey, otherPlace) => {
      fc.pre(!Buffer.from(key).equals(otherKey) && place !== otherPlace)
      const sealed = seal(key, place, plain)
      expect(Buffer.from(open(key, place, sealed)).equals(plain)).toBe(true)
      expect(() => open(otherKey, place, sealed)).toThrow()
      expect(() => open(key, otherPlace, sealed)).toThrow()
    }),
  )
})

test('no bit of it can be changed, and nothing taken off', () => {
  const key = randomBytes(32)
  fc.assert(
    fc.property(anyBytes, fc.nat(), fc.integer({ min: 0, max: 7 }), fc.nat(), (plain, at, bit, kept) => {
      const sealed = seal(key, 'here', plain)
      const changed = Buffer.from(sealed)
      changed[at % changed.length]! ^= 1 << bit
      expect(() => open(key, 'here', changed)).toThrow()
      expect(() => open(key, 'here', sealed.subarray(0, kept % sealed.length))).toThrow()
    }),
  )
})

test('the same bytes never look the same, and only their length shows', () => {
  const key = randomBytes(32)
  const sealed = Array.from({ length: 100 }, () =>
    Buffer.from(seal(key, 'here', Buffer.from('secret'))).toString('hex'),
  )
  expect(new Set(sealed).size).toBe(100)
  expect(new Set(sealed.map((one) => one.length / 2))).toEqual(new Set([11 + 12 + 6 + 16]))
})
