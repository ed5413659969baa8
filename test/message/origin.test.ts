import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normaliseUrl } from '../../src/message/normalise.ts'
import { originOf, originOfRow } from '../../src/message/origin.ts'

test.each([
  ['an address in few parts', 'http://127.1/x', 'http://127.0.0.1'],
  ['the port of the scheme', 'https://example.com:443/x', 'https://example.com'],
  ['a port with zeros', 'http://example.com:0080/x', 'http://example.com'],
  ['upper case, the Turkish one included', 'HTTPS://EXAMPLE.COM/I', 'https://example.com'],
  ['letters beyond ASCII', 'http://münchen.example/', 'http://xn--mnchen-3ya.example'],
  ['user and password', 'http://user:secret@example.com/x', 'http://example.com'],
  ['tabs and spaces', ' ht\ttp://example.com/x', 'http://example.com'],
  ['backslashes', 'http:\\\\example.com\\x', 'http://example.com'],
  ['an escaped host', 'http://ex%61mple.com/', 'http://example.com'],
  ['no path', 'http://example.com?a=b', 'http://example.com'],
  ['a renderer', 'render://invoice', 'render://invoice'],
  ['another scheme', 'ftp://example.com/x', 'none'],
  ['no URL at all', 'example.com', 'none'],
  ['nothing', '', 'none'],
])('the origin of a row with %s is read from its URL', (_, url, origin) => {
  expect(originOfRow(url, '')).toBe(origin)
  expect(originOfRow(url, origin)).toBe(origin)
})

test.each([
  ['of another receiver', 'http://a.test/x', 'http://b.test', 'http://a.test'],
  ['that is only how the host begins', 'http://a.test.evil/x', 'http://a.test', 'http://a.test.evil'],
  ['that is only how the port begins', 'http://a.test:8080/x', 'http://a.test:80', 'http://a.test:8080'],
  ['that is written as the URL is', 'http://127.1/x', 'http://127.1', 'http://127.0.0.1'],
  ['in front of an @', 'http://a.test@b.test/x', 'http://a.test', 'http://b.test'],
])('the origin of a row is not believed to be one %s', (_, url, named, origin) => {
  expect(originOfRow(url, named)).toBe(origin)
})

test('the origin of a row is for each URL that was spawned the one that the library wrote', () => {
  const odd = [`http://${'a.'.repeat(125)}com:65535/x`, 'http://[::1]:3000/']
  const urls = fc.oneof(fc.constantFrom(...odd), fc.webUrl({ withQueryParameters: true, withFragments: true }))
  fc.assert(
    fc.property(urls, (url) => {
      const stored = normaliseUrl('request', url)
      expect(originOfRow(stored, originOf(stored))).toBe(originOf(stored))
      expect(originOfRow(stored, '')).toBe(originOf(stored))
    }),
  )
})
