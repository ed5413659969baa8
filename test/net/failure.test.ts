import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { failureKind, failureMessage } from '../../src/net/failure.ts'
import { AddressBlockedError } from '../../src/net/guard/blocked.ts'
import { exhaustedBy } from '../../src/runtime/exhausted.ts'

const coded = (code: string, message = 'it broke') => Object.assign(new Error(message), { code })

test('errors that an error of another realm gathers are looked at', () => {
  const gathered = runInNewContext("new AggregateError([Object.assign(new Error('no'), { code: 'ECONNREFUSED' })])")
  expect(failureKind(gathered)).toBe('connection_refused')
})

test.each([
  ['ENOTFOUND', 'dns_error'],
  ['EAI_AGAIN', 'dns_error'],
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['EPIPE', 'connection_reset'],
  ['UND_ERR_SOCKET', 'connection_reset'],
  ['ENETUNREACH', 'network_unreachable'],
  ['EHOSTUNREACH', 'network_unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['CERT_HAS_EXPIRED', 'tls_error'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_error'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_error'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_error'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_error'],
  ['EPROTO', 'tls_error'],
  ['HPE_INVALID_CONSTANT', 'protocol_error'],
  ['UND_ERR_HEADERS_OVERFLOW', 'protocol_error'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'protocol_error'],
  ['UND_ERR_INVALID_ARG', 'invalid_request'],
  ['UND_ERR_NOT_SUPPORTED', 'invalid_request'],
  ['UND_ERR_DESTROYED', 'network_error'],
  ['EMFILE', 'network_error'],
])('failureKind %s is %s, however deep it lies', (code, kind) => {
  expect(failureKind(coded(code))).toBe(kind)
  expect(failureKind(new Error('outer', { cause: coded(code) }))).toBe(kind)
  expect(failureKind(new AggregateError([new Error('first'), coded(code)]))).toBe(kind)
})

it('failureKind knows its own', () => {
  expect(failureKind(new AddressBlockedError('a.test', 'private address', '10.0.0.1'))).toBe('address_blocked')
  expect(failureKind(coded('UND_ERR_SOCKET', 'bad response'))).toBe('protocol_error')
})

test.each([undefined, null, 'text', {}, Object.create(null)])('failureKind %j is a network_error', (error) => {
  expect(failureKind(error)).toBe('network_error')
  expect(failureMessage(error)).toBe('unknown error')
})

it('failureKind ends when an error causes itself', () => {
  const error = new Error('round')
  error.cause = error
  expect(failureKind(error)).toBe('network_error')
  expect(failureMessage(error)).toBe('round')
})

it('failureMessage says what was gathered when the whole says nothing', () => {
  const both = new AggregateError([coded('ECONNREFUSED', 'connect ::1'), coded('ECONNREFUSED', 'connect 127.0.0.1')])
  expect(failureMessage(both)).toBe('connect ::1; connect 127.0.0.1')
})

it('failureMessage says that the request was sent when its answer cannot be read', () => {
  const said = (code: string) => failureMessage(coded(code))
  expect(said('HPE_INVALID_CONSTANT')).toBe('the request was sent, but the answer cannot be read: it broke')
  expect(said('UND_ERR_HEADERS_OVERFLOW')).toContain('its headers take more than 32768 bytes')
  expect(said('UND_ERR_RES_CONTENT_LENGTH_MISMATCH')).toContain('its content-length says')
  expect(said('ECONNRESET')).toBe('it broke')
})

it('failureMessage hides credentials', () => {
  const message = failureMessage(new Error('no https://user:pass@a.test/?token=s3cret here'))
  expect(message).not.toMatch(/pass|s3cret/)
})

it('failureMessage fits into Postgres, whatever it is made of', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 600 }), (end, length) => {
      const message = failureMessage(new Error('💥'.repeat(length) + end))
      expect(message.length).toBeLessThanOrEqual(500)
      expect(message).not.toMatch(/[\p{Cc}\p{Cs}]/u)
    }),
  )
})

test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])('exhaustedBy %s, however deep it lies', (code) => {
  expect(exhaustedBy(coded(code))).toBe(code)
  expect(exhaustedBy(new Error('no tunnel', { cause: coded(code) }))).toBe(code)
  expect(exhaustedBy(new AggregateError([coded('ECONNREFUSED'), coded(code)]))).toBe(code)
})

test.each([
  [
    'no port is left',
    coded('EADDRNOTAVAIL', 'connect EADDRNOTAVAIL 192.0.2.1:80 - Local (0.0.0.0:0)'),
    'EADDRNOTAVAIL',
  ],
  ['this machine has no IPv6', coded('EADDRNOTAVAIL', 'connect EADDRNOTAVAIL ::1:80 - Local (:::0)'), null],
  ['the receiver refuses', coded('ECONNREFUSED'), null],
  ['a certificate says so', coded('ERR_TLS_CERT_ALTNAME_INVALID', 'connect EADDRNOTAVAIL 192.0.2.1:80'), null],
  ['nothing is wrong', null, null],
])('exhaustedBy when %s', (_what, error, expected) => {
  expect(exhaustedBy(error)).toBe(expected)
})
