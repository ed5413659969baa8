import { expect, it, test } from 'vitest'
import type { OutgoingRequest } from '../../src/net/outgoing.ts'
import { redirection } from '../../src/net/redirect.ts'

const request: OutgoingRequest = {
  url: new URL('https://a.test/one?two'),
  method: 'POST',
  headers: [
    ['Authorization', 'Bearer x'],
    ['Content-Type', 'text/plain'],
    ['Content-Encoding', 'gzip'],
    ['Accept', 'text/html'],
    ['X-Api-Key', 'k'],
    ['idempotency-key', 'own'],
  ],
  body: Buffer.from('body'),
}
const to = (status: number, location: string | null, from: Partial<OutgoingRequest> = {}) =>
  redirection({ ...request, ...from }, { status, headers: location === null ? [] : [['LOCATION', location]] })
const names = (found: ReturnType<typeof to>) =>
  found && 'request' in found ? found.request.headers.map(([name]) => name) : []

test.each([200, 201, 300, 304, 305, 306, 399, 404])('redirection %i redirects nothing', (status) => {
  expect(to(status, '/x')).toBeNull()
})

it('redirection needs a Location', () => {
  expect(to(307, null)).toBeNull()
  expect(redirection(request, { status: null, headers: null })).toBeNull()
})

test.each([
  [301, 'POST', 'GET', false],
  [302, 'POST', 'GET', false],
  [303, 'POST', 'GET', false],
  [307, 'POST', 'POST', true],
  [308, 'POST', 'POST', true],
  [301, 'PUT', 'PUT', true],
  [302, 'DELETE', 'DELETE', true],
  [303, 'PUT', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [301, 'GET', 'GET', true],
])('redirection %i after %s asks with %s, body kept: %s', (status, method, next, keepsBody) => {
  const found = to(status, '/x', { method })
  expect(found).toMatchObject({ request: { method: next, body: keepsBody ? request.body : null } })
  expect(names(found).includes('Content-Type')).toBe(keepsBody)
  expect(names(found).includes('Content-Encoding')).toBe(keepsBody)
})

test.each([
  ['/x', 'https://a.test/x'],
  ['x?y#z', 'https://a.test/x?y#z'],
  ['//a.test:443/x', 'https://a.test/x'],
  ['', 'https://a.test/one?two'],
  ['/\xc3\xa4', 'https://a.test/%C3%A4'],
])('redirection %j leads to %s and keeps all headers', (location, url) => {
  const found = to(307, location)
  expect(found).toMatchObject({ request: { headers: request.headers } })
  expect(found && 'request' in found && found.request.url.href).toBe(url)
})

test.each(['https://b.test/', 'https://a.test:8443/', 'https://www.a.test/', 'https://a.test./', '//b.test'])(
  'redirection gives %s none of the headers that may be secret',
  (location) => {
    expect(names(to(307, location))).toEqual(['Content-Type', 'Accept'])
  },
)

it('redirection counts another scheme as another origin', () => {
  const found = to(307, 'https://a.test/', { url: new URL('http://a.test/') })
  expect(names(found)).toEqual(['Content-Type', 'Accept'])
})

test.each([
  ['http://a.test/', /https to http/],
  ['http://b.test/', /https to http/],
  ['ftp://a.test/', /no usable URL/],
  ['file:///etc/passwd', /no usable URL/],
  ['https://user:pass@a.test/', /no usable URL/],
  ['https://', /no usable URL/],
  ['https://[', /no usable URL/],
  [`/${'a'.repeat(9000)}`, /no usable URL/],
])('redirection refuses %.40s', (location, reason) => {
  expect(to(307, location)).toEqual({ refused: expect.stringMatching(reason) })
})
