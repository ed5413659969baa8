import { createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { readSigningKey, type SigningKey, signatureHeaders } from '../../src/message/signing.ts'

const ID = '01980000-0000-7000-8000-000000000001'
// RFC 8032, section 7.1, test 1.
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const PUBLIC = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')

const secret = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString('base64')}`
const privateKey = (bytes: Uint8Array) => `whsk_${Buffer.from(bytes).toString('base64')}`
const now = () => Math.floor(Date.now() / 1000)

function signed(keys: string[], body: Uint8Array | null, at = now()): Record<string, string> {
  return Object.fromEntries(
    signatureHeaders(
      keys.map((key) => readSigningKey(key) as SigningKey),
      ID,
      at,
      body,
    ),
  )
}

function verifies(signature: string, content: Uint8Array): boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: PUBLIC.toString('base64url') }, format: 'jwk' })
  return verify(null, content, key, Buffer.from(signature.replace('v1a,', ''), 'base64'))
}

test('a signature of any text verifies, by the package that receivers use, and of any other text does not', () => {
  const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secret)
  fc.assert(
    fc.property(keys, fc.string({ unit: 'grapheme', minLength: 1 }), (key, text) => {
      const headers = signed([key], Buffer.from(text))
      new Webhook(key).verify(text, headers, { jsonParse: false })
      expect(() => new Webhook(key).verify(`${text}.`, headers, { jsonParse: false })).toThrow('No matching signature')
    }),
  )
})

test('a signature of no body is that of an empty one', () => {
  const key = secret(Buffer.alloc(24, 1))
  expect(signed([key], null, 5)).toEqual(signed([key], Buffer.alloc(0), 5))
  new Webhook(key).verify('', signed([key], null))
})

test('a signature of bytes that are no text is that of exactly these bytes', async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
  const secretBytes = Buffer.alloc(32, 7)
  const key = await crypto.subtle.importKey('raw', secretBytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const headers = signed([secret(secretBytes), privateKey(SEED)], bytes, 1_700_000_000)
  const [shared = '', own = ''] = headers['webhook-signature']?.split(' ') ?? []
  const content = Buffer.concat([Buffer.from(`${ID}.1700000000.`), bytes])
  expect(await crypto.subtle.verify('HMAC', key, Buffer.from(shared.slice('v1,'.length), 'base64'), content)).toBe(true)
  expect(verifies(own, content)).toBe(true)
  expect(verifies(own, Buffer.from(content.toString()))).toBe(false)
})

test('a signature with ed25519 verifies with the public key, whether or not the private one brings it along', () => {
  for (const key of [SEED, Buffer.concat([SEED, PUBLIC])]) {
    const headers = signed([privateKey(key)], Buffer.from('{}'), 1_700_000_000)
    expect(headers['webhook-signature']).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/)
    expect(verifies(headers['webhook-signature'] ?? '', Buffer.from(`${ID}.1700000000.{}`))).toBe(true)
  }
})

test('a signature with several keys verifies with each of them', () => {
  const keys = [1, 2, 3].map((fill) => secret(Buffer.alloc(32, fill)))
  const headers = signed(keys, Buffer.from('{}'))
  for (const key of keys) expect(new Webhook(key).verify('{}', headers)).toEqual({})
  expect(() => new Webhook(secret(Buffer.alloc(32, 4))).verify('{}', headers)).toThrow('No matching signature')
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a number', 5],
  ['an empty text', ''],
  ['a secret without its prefix', Buffer.alloc(32, 1).toString('base64')],
  ['a public key', `whpk_${PUBLIC.toString('base64')}`],
  ['a secret of 23 bytes', secret(Buffer.alloc(23, 1))],
  ['a secret of 65 bytes', secret(Buffer.alloc(65, 1))],
  ['a secret that is not base64', `whsec_${'!'.repeat(44)}`],
  ['a secret in the base64 of URLs', secret(Buffer.alloc(32, 0xff)).replaceAll('/', '_')],
  ['a secret without its padding', secret(Buffer.alloc(32, 1)).replace('=', '')],
  ['a secret with a line break', `${secret(Buffer.alloc(32, 1))}\n`],
  ['a private key of 31 bytes', privateKey(SEED.subarray(1))],
  ['a private key with the public half of another', privateKey(Buffer.concat([SEED, SEED]))],
])('%s is no key', (_, text) => {
  expect(readSigningKey(text)).toBeNull()
})
