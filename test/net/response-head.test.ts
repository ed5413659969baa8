import { expect, test } from 'vitest'
import { ResponseHead } from '../../src/net/response-head.ts'

/** What comes out of these pieces. */
function passed(...pieces: string[]): string {
  const head = new ResponseHead()
  head.expect()
  return pieces.map((piece) => head.take(Buffer.from(piece, 'latin1')).toString('latin1')).join('')
}

const answer = 'HTTP/1.1 200 OK\r\nx: y\r\n\r\nbody\r\n folded\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'

const table: [name: string, wire: string, read: string][] = [
  ['a plain answer', answer, answer],
  ['a 100', `HTTP/1.1 100 Continue\r\n\r\n${answer}`, answer],
  ['a 100 without reason', `HTTP/1.1 100\r\n\r\n${answer}`, answer],
  ['a 100 with headers', `HTTP/1.1 100 Continue\r\na: b\r\n c\r\n\r\n${answer}`, answer],
  ['a 100 with bare line ends', `HTTP/1.1 100 Continue\na: b\n\n${answer}`, answer],
  [
    'a 100, a 102 and a 103',
    `HTTP/1.1 100 a\r\n\r\nHTTP/1.0 102 b\r\n\r\nHTTP/1.1 103 c\r\nx: y\r\n\r\n${answer}`,
    answer,
  ],
  ['empty lines in front', `\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n${answer}`, answer],
  [
    'folded lines',
    'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\t d\r\ne: f\r\n\r\n g',
    'HTTP/1.1 200 OK\r\na: b c d\r\ne: f\r\n\r\n g',
  ],
  ['a value that begins on the next line', 'HTTP/1.1 200 OK\r\na:\r\n b\r\n\r\n', 'HTTP/1.1 200 OK\r\na: b\r\n\r\n'],
  ['a folded line of nothing', 'HTTP/1.1 200 OK\r\na: b\r\n \r\n\r\n', 'HTTP/1.1 200 OK\r\na: b \r\n\r\n'],
  ['what is no HTTP', 'SSH-2.0-OpenSSH_9.6', 'SSH-2.0-OpenSSH_9.6'],
  ['a status that only looks like one', 'HTTP/1.1 1x0\r\n\r\n', 'HTTP/1.1 1x0\r\n\r\n'],
]

test.each(table)('what undici reads of %s, wherever it is cut', (_name, wire, read) => {
  expect(passed(wire)).toBe(read)
  // A fold that is cut among its spaces may keep more than one of them, which means the same.
  const oneSpace = (text: string) => text.replace(/ +/g, ' ')
  expect(oneSpace(passed(...wire))).toBe(oneSpace(read))
  for (let first = 0; first <= wire.length; first++) {
    for (let second = first; second <= wire.length; second++) {
      const cut = [wire.slice(0, first), wire.slice(first, second), wire.slice(second)]
      expect(oneSpace(passed(...cut)), JSON.stringify(cut)).toBe(oneSpace(read))
    }
  }
})

test('bytes that nobody asked for go through, for undici to refuse', () => {
  const wire = 'HTTP/1.1 100 Continue\r\n\r\n'
  expect(new ResponseHead().take(Buffer.from(wire)).toString()).toBe(wire)
})

test('what was held of one answer is no part of the next', () => {
  const head = new ResponseHead()
  head.expect()
  expect(head.take(Buffer.from('HTTP/1.1 1')).toString()).toBe('')
  head.expect()
  expect(head.take(Buffer.from(answer)).toString()).toBe(answer)
})
