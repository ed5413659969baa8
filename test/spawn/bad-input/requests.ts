import { http } from '../../../src/index.ts'
import { type BadRequest, SECRET, URL_TEXT } from './row.ts'

const circular: Record<string, unknown> = { secret: SECRET }
circular['self'] = circular

const url =
  (text: unknown): (() => unknown) =>
  () => ({ url: text })
const headers =
  (given: unknown): (() => unknown) =>
  () => ({ url: URL_TEXT, headers: given })
const method =
  (given: unknown): (() => unknown) =>
  () => ({ url: URL_TEXT, method: given })
const body =
  (given: unknown): (() => unknown) =>
  () => ({ url: URL_TEXT, method: 'POST', body: given })
const json =
  (given: unknown): (() => unknown) =>
  () => ({ url: URL_TEXT, method: 'POST', json: given })

const NO_URL = 'an absolute http or https URL'

const INPUTS: BadRequest[] = [
  ['undefined as request', () => undefined, '', 'got nothing'],
  ['null as request', () => null, '', 'got null'],
  ['a number as request', () => 5, '', 'a URL, a Request or an object such as { method, url, headers, body }, got 5.'],
  ['a function as request', () => () => SECRET, '', 'got a function'],
  ['a list as request', () => [{ url: URL_TEXT, body: SECRET }], '', 'got a list'],
  ['a promise as request', () => Promise.resolve(http.get(URL_TEXT)), '.url', 'it is not a text'],
  ['an empty object', () => ({}), '.url', 'got nothing'],
  ['a misspelt key', () => ({ url: URL_TEXT, header: { a: SECRET } }), '.header', 'did you mean `headers`?'],
  ['an unknown key', () => ({ url: URL_TEXT, authorization: SECRET }), '.authorization', 'it knows `method`, `url`'],
  ['a text as init', () => http.get(URL_TEXT, SECRET as never), '.0', 'request'],
]

const URLS: BadRequest[] = [
  ['an empty URL', () => '', '.url', NO_URL],
  ['a relative URL', () => '/path', '.url', 'it is not an absolute http or https URL), got "/path".'],
  ['a URL without a scheme', () => 'example.com', '.url', NO_URL],
  ['a URL without slashes', () => 'http:example.com', '.url', NO_URL],
  ['an ftp URL', () => new URL('ftp://example.com/'), '.url', 'got "ftp://example.com/".'],
  ['a file URL', () => 'file:///etc/passwd', '.url', NO_URL],
  ['a URL that cannot be parsed', () => 'http://[1', '.url', 'it cannot be parsed'],
  ['a URL without a host', () => 'http://', '.url', 'it cannot be parsed'],
  ['a URL with port 0', () => 'http://example.com:0/', '.url', 'port 0'],
  [
    'a URL with a password',
    () => `https://user:${SECRET}@example.com/`,
    '.url',
    'got "https://(hidden)@example.com/".',
  ],
  ['a URL object with a password', url(new URL(`https://user:${SECRET}@h/?${SECRET}`)), '.url', '(hidden)@h/?(hidden)'],
  ['a URL with a user alone', () => `https://${SECRET}@example.com/`, '.url', 'user or password'],
  ['a URL with a password that has a slash', () => `http://user:x/${SECRET}@h/`, '.url', 'got "http://(hidden)@h/".'],
  [
    'a URL with a password that has a question mark',
    () => `http://u:${SECRET}?${SECRET}@h/`,
    '.url',
    '"http://(hidden)"',
  ],
  ['a URL with a password that has an at sign', () => `http://u:p@${SECRET}@h/`, '.url', '"http://(hidden)"'],
  [
    'a URL with a password and an at sign in its query',
    () => `http://u:p@h/?a=x@${SECRET}`,
    '.url',
    '"http://(hidden)"',
  ],
  [
    'a bad URL with a password and no slashes',
    () => `user:${SECRET}@example.com`,
    '.url',
    'got "(hidden)@example.com".',
  ],
  ['a bad URL with a token', () => `ftp://h/?token=${SECRET}`, '.url', 'got "ftp://h/?(hidden)".'],
  ['a bad URL with a token that has spaces', () => `ftp://h/?token=a ${SECRET}"`, '.url', 'got "ftp://h/?(hidden)".'],
  ['a bad URL with a token in its fragment', () => `ftp://h/#${SECRET}`, '.url', 'got "ftp://h/?(hidden)".'],
  ['a URL with NUL', () => 'http://example.com/\0', '.url', 'a control character'],
  ['a URL with a line break', () => 'http://example.com/\n', '.url', 'a control character'],
  ['a URL with half a surrogate pair', () => 'http://example.com/\ud83d', '.url', 'got "http://example.com/\\ud83d"'],
  ['a URL that is too long', () => `http://example.com/${'x'.repeat(8192)}`, '.url', 'longer than 8192 characters'],
  ['a URL that is too long when encoded', () => `http://h/${'ü'.repeat(2000)}`, '.url', 'when encoded'],
  ['a number as URL', url(5), '.url', 'got 5'],
  ['null as URL', url(null), '.url', 'got null'],
  ['an object as URL', url({ href: `http://u:${SECRET}@h/` }), '.url', 'got an object'],
]

const METHODS: BadRequest[] = [
  ['an empty method', method(''), '.method', 'an HTTP method (it is not an HTTP token), got "".'],
  ['a method with a space', method('GET /'), '.method', 'not an HTTP token'],
  ['a method with a line break', method('GET\r\nX: y'), '.method', 'got "GET\\r\\nX: y"'],
  ['a method with NUL', method('GET\0'), '.method', 'got "GET\\u0000"'],
  ['a method outside of ASCII', method('GÉT'), '.method', 'not an HTTP token'],
  ['a method that is too long', method('X'.repeat(33)), '.method', 'longer than 32'],
  ['CONNECT', method('connect'), '.method', 'CONNECT is not a request to deliver'],
  ['TRACE', method('TRACE'), '.method', 'TRACE is not a request to deliver'],
  ['a number as method', method(5), '.method', 'got 5'],
  ['null as method', method(null), '.method', 'got null'],
]

const CANNOT = 'a header that can be sent'
const HEADERS: BadRequest[] = [
  ['a text as headers', headers(`authorization: ${SECRET}`), '.headers', 'pairs [name, value], an object or Headers'],
  ['null as headers', headers(null), '.headers', 'got null'],
  ['a number as headers', headers(5), '.headers', 'got a number'],
  [
    'a list of texts as headers',
    headers([`authorization: ${SECRET}`]),
    '.headers[0]',
    'a pair [name, value], got a text',
  ],
  ['a header line of three', headers([['a', 'b', SECRET]]), '.headers[0]', 'a pair'],
  ['a header line of one', headers([['a', 'b'], [SECRET]]), '.headers[1]', 'a pair'],
  ['an empty header name', headers([['', SECRET]]), '.headers[0]', 'not an HTTP token, got "".'],
  ['a header name with a space', headers({ 'x y': SECRET }), '.headers[0]', 'got "x y".'],
  ['a header name that holds the line', headers({ [`cookie: ${SECRET}`]: '' }), '.headers[0]', 'got "cookie".'],
  ['a header name with NUL', headers({ 'x\0': SECRET }), '.headers[0]', 'got "x\\u0000".'],
  ['a header name outside of ASCII', headers({ ü: SECRET }), '.headers[0]', 'not an HTTP token'],
  ['a header name that is a number', headers([[5, SECRET]]), '.headers[0]', 'not an HTTP token'],
  [
    'a header value with a line break',
    headers({ a: 'b', c: `${SECRET}\r\nx: y` }),
    '.headers[1]',
    'a control character',
  ],
  ['a header value with NUL', headers({ a: `${SECRET}\0` }), '.headers[0]', 'a control character'],
  ['a header value outside of latin1', headers({ a: `${SECRET}😀` }), '.headers[0]', 'latin1'],
  ['a header value with half a surrogate pair', headers({ a: `${SECRET}\ud83d` }), '.headers[0]', 'latin1'],
  [
    'a header value that is a number',
    headers({ 'x-count': 5 }),
    '.headers[0]',
    'its value is not a text, got "x-count".',
  ],
  ['a header value that is undefined', headers({ a: undefined }), '.headers[0]', 'not a text'],
  ['a header value that is null in a list', headers({ a: ['b', null] }), '.headers[1]', 'not a text'],
  ...[
    'Connection',
    'keep-alive',
    'TE',
    'Upgrade',
    'Transfer-Encoding',
    'Content-Length',
    'Trailer',
    'Expect',
    'Host',
  ].map((name): BadRequest => [`the header ${name}`, headers({ [name]: SECRET }), '.headers[0]', CANNOT]),
  ['a header for a proxy', headers({ 'Proxy-Authorization': SECRET }), '.headers[0]', 'meant for a proxy'],
  [
    'too many headers',
    headers(Array.from({ length: 201 }, () => ['a', SECRET])),
    '.headers',
    'sendable: there are more than 200, got 201 of them.',
  ],
  ['headers that are too long', headers({ a: SECRET.repeat(11_000) }), '.headers', 'take more than 65536 bytes'],
]

const BODIES: BadRequest[] = [
  ['a body with HEAD', () => http.head(URL_TEXT, { body: SECRET }), '.body', 'omitted: HEAD has none, got 6 bytes.'],
  ['json with HEAD', () => http.head(URL_TEXT, { json: SECRET }), '.body', 'omitted: HEAD has none'],
  ['body and json', () => http.post(URL_TEXT, { body: 'x', json: SECRET }), '.json', 'omitted when `body` is given'],
  ['body and json that is null', () => http.post(URL_TEXT, { body: 'x', json: null }), '.json', 'omitted'],
  ['a number as body', body(123_456), '.body', '(use `json` for a value), got a number.'],
  ['true as body', body(true), '.body', 'got a boolean'],
  ['a plain object as body', body({ secret: SECRET }), '.body', '(use `json` for a value), got an object.'],
  ['a list as body', body([SECRET]), '.body', 'got a list'],
  ['a function as body', body(() => SECRET), '.body', 'got a function'],
  ['a view that is not of bytes as body', body(new Uint16Array(3)), '.body', 'got an object'],
  ['a body with half a surrogate pair', body(`${SECRET}\ud83d`), '.body', 'half a surrogate pair'],
  ['a body that is too large', body(SECRET.repeat(200_000)), '.body', 'at most 1048576 bytes (option `maxBodyBytes`)'],
  ['json that is too large', json(SECRET.repeat(200_000)), '.json', 'got 1200002 bytes.'],
  ['json that is undefined', json(undefined), '.json', 'a value that JSON can express, got nothing.'],
  ['json that is a function', json(() => SECRET), '.json', 'got a function'],
  ['json that is a symbol', json(Symbol(SECRET)), '.json', 'got a symbol'],
  ['json with a BigInt', json({ secret: SECRET, n: 5n }), '.json', 'serialize a BigInt'],
  ['json that is circular', json(circular), '.json', 'Converting circular structure to JSON'],
  ['json that throws nothing', json(throwing(undefined)), '.json', 'JSON can express (nothing), got an object.'],
  ['json that throws a text', json(throwing('broken')), '.json', 'JSON can express ("broken")'],
]

function throwing(reason: unknown) {
  return {
    toJSON() {
      throw reason
    },
  }
}

export const BAD_REQUESTS: BadRequest[] = [...INPUTS, ...URLS, ...METHODS, ...HEADERS, ...BODIES]
