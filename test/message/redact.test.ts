import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HeaderPairs } from '../../src/message/message.ts'
import { redactHeaders } from '../../src/message/redact.ts'

test.each<[string, unknown, HeaderPairs]>([
  ['a credential by any case', [['Authorization', 'secret']], [['Authorization', '(hidden)']]],
  ['a name that was added', [['X-Own', 'secret']], [['X-Own', '(hidden)']]],
  ['another header', [['accept', 'text/plain']], [['accept', 'text/plain']]],
  ['an object in a hand-made row', { authorization: 'secret' }, []],
  ['a text in a hand-made row', 'authorization: secret', []],
  ['a line in a hand-made list', ['authorization: secret'], [['(hidden)', '(hidden)']]],
  ['a part that calls itself its text', [['a', { toString: 1, valueOf: 1 }]], [['a', '{"toString":1,"valueOf":1}']]],
  ['a part that is a number', [['a', 5]], [['a', '5']]],
  ['a name alone', [['authorization: secret']], [['(hidden)', '(hidden)']]],
])('%s', (_, headers, shown) => {
  expect(redactHeaders(headers as HeaderPairs, ['x-own'])).toEqual(shown)
})

test('nothing that a row can hold makes it throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (headers) => Array.isArray(redactHeaders(headers as unknown as HeaderPairs, []))),
  )
})
