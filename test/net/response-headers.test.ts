import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { ResponseHeaders } from '../../src/net/response-headers.ts'

type Pairs = [string, string][]

/** As undici gives them: names and values in turn, each a part of the chunk that it came in. */
function inOneChunk(pairs: Pairs, before = 'HTTP/1.1 200 OK\r\n'): Buffer[] {
  const chunk = Buffer.from(
    new Uint8Array(Buffer.from(`${before}${pairs.map((pair) => pair.join(': ')).join('\r\n')}`)),
  )
  let at = before.length
  return pairs.flat().map((text) => {
    const part = chunk.subarray(at, at + text.length)
    at += text.length + 2
    return part
  })
}

const pairs: Pairs = [
  ['Content-Type', 'text/plain'],
  ['Empty', ''],
  ['X-Id', 'one'],
]

test('what comes again is read once', () => {
  const headers = new ResponseHeaders()
  const read = headers.read(inOneChunk(pairs))
  expect(read).toEqual(pairs)
  expect(headers.read(inOneChunk(pairs, 'HTTP/1.1 404 Not Found\r\n'))).toBe(read)
})

test('what differs in one character is read anew', () => {
  const headers = new ResponseHeaders()
  const read = headers.read(inOneChunk(pairs))
  const other: Pairs = [...pairs.slice(0, 2), ['X-Id', 'onf']]
  expect(headers.read(inOneChunk(other))).toEqual(other)
  expect(read).toEqual(pairs)
  expect(headers.read(inOneChunk(pairs))).toEqual(pairs)
})

test('lines that came in pieces are never taken for others', () => {
  const headers = new ResponseHeaders()
  headers.read(inOneChunk(pairs))
  const [name, , ...rest] = inOneChunk(pairs) as [Buffer, Buffer, ...Buffer[]]
  expect(headers.read([name, Buffer.from('image/png'), ...rest])).toEqual([
    ['Content-Type', 'image/png'],
    ...pairs.slice(1),
  ])
  const backwards = inOneChunk(pairs).reverse()
  expect(headers.read(backwards)).toEqual([
    ['one', 'X-Id'],
    ['', 'Empty'],
    ['text/plain', 'Content-Type'],
  ])
})

test('NUL, which Postgres does not hold, is replaced', () => {
  expect(new ResponseHeaders().read(inOneChunk([['a', 'b\0c']]))).toEqual([['a', 'b\ufffdc']])
})

it('gives every list as it came, whatever came before', () => {
  const name = fc.constantFrom('a', 'aa', 'b')
  const value = fc.constantFrom('', 'a', 'b', 'a: b')
  const list = fc.array(fc.tuple(name, value), { maxLength: 3 })
  fc.assert(
    fc.property(fc.array(list, { maxLength: 20 }), (lists) => {
      const headers = new ResponseHeaders()
      for (const each of lists) expect(headers.read(inOneChunk(each))).toEqual(each)
    }),
  )
})
