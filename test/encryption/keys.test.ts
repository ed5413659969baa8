import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { EncryptionOptions } from '../../src/encryption/keys.ts'
import { resolveKeys } from '../../src/encryption/keys.ts'

const key = randomBytes(32)

test('reads keys as bytes and as base64', () => {
  const ring = resolveKeys({ keys: { a: key, b: key.toString('base64') }, current: 'b' })!
  expect(ring.current).toBe('b')
  expect([...ring.keys].map(([id, bytes]) => [id, Buffer.from(bytes).equals(key)])).toEqual([
    ['a', true],
    ['b', true],
  ])
  expect(resolveKeys(undefined)).toBeNull()
})

test.each<[string, unknown, string]>([
  ['no object', 'hunter2', 'options.encryption'],
  ['an unknown key', { keys: { a: key }, current: 'a', cipher: 'x' }, 'options.encryption.cipher'],
  ['no keys', { current: 'a' }, 'options.encryption.keys'],
  ['none at all', { keys: {}, current: 'a' }, 'options.encryption.current'],
  ['a current key that is not there', { keys: { a: key }, current: 'b' }, 'options.encryption.current'],
  ['no current key', { keys: { a: key } }, 'options.encryption.current'],
  ['a short key', { keys: { a: key.subarray(1) }, current: 'a' }, 'options.encryption.keys.a'],
  ['a passphrase', { keys: { a: 'hunter2 hunter2 hunter2 hunter2!' }, current: 'a' }, 'options.encryption.keys.a'],
  ['base64 with a slip', { keys: { a: ` ${key.toString('base64')}` }, current: 'a' }, 'options.encryption.keys.a'],
  ['an empty id', { keys: { '': key }, current: '' }, 'options.encryption.keys (an id)'],
])('refuses %s, and does not show it', (_, options, field) => {
  expect(() => resolveKeys(options as EncryptionOptions)).toThrow(
    expect.objectContaining({ code: 'invalid_input', field }),
  )
  expect(() => resolveKeys(options as EncryptionOptions)).not.toThrow(/hunter2/)
})
