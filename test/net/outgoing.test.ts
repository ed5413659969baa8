import { describe, expect, it, test } from 'vitest'
import { checkHeaders } from '../../src/message/headers.ts'
import { checkMethod, methodForbidsBody } from '../../src/message/method.ts'
import { checkUrl } from '../../src/message/url.ts'

const right = [
  'http://example.com',
  'HTTPS://example.com:8443/a?b=c#d',
  'http://bücher.test/ä b',
  'http://[::1]:8080/',
  'http://@example.com/',
  `http://example.com/${'a'.repeat(8192 - 'http://example.com/'.length)}`,
]
test.each(right)('checkUrl takes %.40s', (url) => {
  expect(checkUrl(url)).toMatchObject({ ok: true })
})

const wrong: [url: unknown, reason: RegExp][] = [
  [undefined, /text/],
  [{}, /text/],
  ['', /absolute/],
  ['/path', /absolute/],
  ['example.com', /absolute/],
  ['//example.com', /absolute/],
  ['http:example.com', /absolute/],
  ['http:\\\\example.com', /absolute/],
  [' http://example.com', /absolute/],
  ['ftp://example.com', /absolute/],
  ['file:///etc/passwd', /absolute/],
  ['javascript:alert(1)', /absolute/],
  ['http://', /parsed/],
  ['http:///', /parsed/],
  ['http://a b/', /parsed/],
  ['http://[fe80::1%25eth0]/', /parsed/],
  ['http://256.0.0.1/', /parsed/],
  ['http://example.com:65536/', /parsed/],
  ['http://example.com:0/', /port 0/],
  ['http://user@example.com/', /user or password/],
  ['http://:pass@example.com/', /user or password/],
  ['http://a@b@127.0.0.1/', /user or password/],
  ['http://example.com/\0', /control/],
  ['http://example.com/\r\nHost: x', /control/],
  ['ht\ttp://example.com/', /control/],
  ['http://example.com/\ud800', /control/],
  [`http://example.com/${'a'.repeat(8192)}`, /longer than 8192/],
  [`http://example.com/${'ä'.repeat(2000)}`, /longer than 8192 characters when encoded/],
]
test.each(wrong)('checkUrl refuses %.40j', (url, reason) => {
  expect(checkUrl(url)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
})

describe('checkMethod', () => {
  const right: [given: string, sent: string][] = [
    ['GET', 'GET'],
    ['post', 'POST'],
    ['Patch', 'PATCH'],
    ['query', 'QUERY'],
    ['PROPFIND', 'PROPFIND'],
    ['custom-Method', 'custom-Method'],
    ['M'.repeat(32), 'M'.repeat(32)],
  ]
  test.each(right)('%s is sent as %s', (given, sent) => {
    expect(checkMethod(given)).toEqual({ ok: true, method: sent })
  })

  test.each(['', ' GET', 'GE T', 'GET\r\n', 'GÉT', 'CONNECT', 'connect', 'Trace', 'M'.repeat(33), null, 7])(
    'refuses %j',
    (method) => {
      expect(checkMethod(method)).toEqual({ ok: false, reason: expect.any(String) })
    },
  )
})

it('only HEAD forbids a body', () => {
  const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'QUERY', 'head']
  expect(methods.filter(methodForbidsBody)).toEqual(['HEAD'])
})

it('checkHeaders takes what can be sent', () => {
  const pairs = [
    ['X-A', '1'],
    ['x-a', ''],
    ["!#$%&'*+-.^_`|~", '\t ~\x80\xff'],
    ['__proto__', 'x'],
    ['te-st', 'x'],
  ]
  expect(checkHeaders(pairs)).toBeNull()
  expect(checkHeaders([])).toBeNull()
  expect(checkHeaders(Array(200).fill(['a', 'b']))).toBeNull()
  expect(checkHeaders([['a', 'b'.repeat(65_536 - 'a: \r\n'.length)]])).toBeNull()
})

const names = [
  'connection keep-alive proxy-authorization proxy-connection proxy-x te trailer transfer-encoding upgrade expect',
  'content-length host http2-settings Content-Length HOST',
]
test.each(names.join(' ').split(' '))('checkHeaders refuses %s', (name) => {
  const problem = checkHeaders([
    ['a', 'b'],
    [name, '1'],
  ])
  expect(problem).toEqual({ index: 1, name, problem: expect.stringContaining('RFC') })
})

const pairs: [pair: unknown, problem: RegExp][] = [
  [['', 'x'], /token/],
  [['a b', 'x'], /token/],
  [['a:', 'x'], /token/],
  [['a\r\nb', 'x'], /token/],
  [['é', 'x'], /token/],
  [[1, 'x'], /token/],
  [['a', 1], /not a text/],
  [['a', null], /not a text/],
  [['a', ['b']], /not a text/],
  [['a', 'x\r\ny: z'], /control/],
  [['a', 'x\n'], /control/],
  [['a', 'x\0'], /control/],
  [['a', 'x\x7f'], /control/],
  [['a', '€'], /latin1/],
  [['a', '💥'], /latin1/],
  [['a', '\ud800'], /latin1/],
  [['a'], /pair/],
  [['a', 'b', 'c'], /pair/],
  ['ab', /pair/],
  [null, /pair/],
  [{ a: 'b' }, /pair/],
]
test.each(pairs)('checkHeaders refuses %j', (pair, problem) => {
  expect(checkHeaders([['fine', 'yes'], pair])).toMatchObject({ index: 1, problem: expect.stringMatching(problem) })
})

test.each([[undefined], [null], ['a: b'], [{ a: 'b' }], [Array(201).fill(['a', 'b'])], [[['a', 'b'.repeat(65_536)]]]])(
  'checkHeaders refuses a list such as %.30j',
  (list) => {
    expect(checkHeaders(list)).toEqual({ index: -1, name: '', problem: expect.any(String) })
  },
)
