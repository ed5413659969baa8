import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Vault } from '../../src/encryption/vault.ts'
import { RequeuestError } from '../../src/index.ts'
import { type AcceptedResponse, toResponse } from '../../src/results/response.ts'

function responseOf(body: Uint8Array | string | null, headers: [string, string][] = []): AcceptedResponse {
  const content = { headers, body: body === null ? null : Buffer.from(body).toString('base64'), encryptionKey: null }
  const none = { failureCode: null, lastError: null, lastMessage: null, bodyTruncated: false }
  return toResponse(
    { id: 'id', number: 1, state: 'delivered', attempts: 1, status: 200, ...none, ...content },
    new Vault(null),
  )
}

function thrownBy(response: AcceptedResponse): RequeuestError {
  try {
    response.json()
  } catch (error) {
    expect(error).toBeInstanceOf(RequeuestError)
    return error as RequeuestError
  }
  throw new Error('it was JSON')
}

test.each<[string, Uint8Array | string | null, [string, string][], unknown]>([
  ['an object', '{"a":"ü"}', [['content-type', 'application/json']], { a: 'ü' }],
  ['a text', '"a"', [], 'a'],
  ['what begins with a byte order mark', '\ufeff[1]', [], [1]],
  ['what says that it is compressed and is not', '[1]', [['content-encoding', 'gzip']], [1]],
])('json() reads %s', (_, body, headers, value) => {
  expect(responseOf(body, headers).json()).toEqual(value)
})

const gzip = gzipSync('{"secret":"s3cr3t"}')
test.each<[string, Uint8Array | string | null, [string, string][], string]>([
  [
    'compressed',
    gzip,
    [['content-encoding', 'gzip']],
    'is compressed (content-encoding: "gzip"); `body` has it as it came',
  ],
  ['compressed twice', gzip, [['content-encoding', 'gzip, br']], 'content-encoding: "gzip, br"'],
  ['compressed and does not say so', gzip, [], 'is not JSON; its content type is nothing'],
  ['HTML', '<p>s3cr3t</p>', [['content-type', 'text/html']], 'is not JSON; its content type is "text/html"'],
  ['empty', '', [['content-type', 'application/json']], 'has no body, so it is not JSON'],
  ['not there', null, [], 'has no body, so it is not JSON'],
  ['a beginning of JSON', '{"secret":"s3cr3t', [['content-encoding', 'identity']], 'is not JSON'],
  ['bytes', new Uint8Array([0xff, 0xfe, 0]), [['content-type', 'x'.repeat(10_000)]], 'is not JSON'],
])('json() says what a body is that is %s, and nothing of it', (_, body, headers, message) => {
  const error = thrownBy(responseOf(body, headers))
  expect(error).toMatchObject({ code: 'response_not_json', cause: expect.any(SyntaxError) })
  expect(error.message).toContain(message)
  expect(error.message.length).toBeLessThan(300)
  expect(error.message).not.toContain('s3cr3t')
})
