import { expect, test } from 'vitest'
import { oneLine, printable, printableJson } from '../../src/cli/style.ts'
import { table } from '../../src/cli/table.ts'
import { durationText } from '../../src/inspect/duration-text.ts'
import { progressText } from '../../src/inspect/progress-text.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1500, '1.5 s'],
  [59_000, '59 s'],
  [90_000, '1.5 min'],
  [7_200_000, '2 h'],
  [259_200_000, '3 d'],
])('%d ms reads as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test.each<[parameters: Parameters<typeof progressText>, line: string]>([
  [[5000, 10_000, 2000, 'redriven'], '5,000 of 10,000 redriven, 2,500/s, 2 s left'],
  [[1000, 1_000_000, 1000, 'cancelled'], '1,000 of 1,000,000 cancelled, 1,000/s, 17 min left'],
  [[0, 10, 1000, 'redriven'], '0 of 10 redriven, 0/s'],
  [[12, 10, 1000, 'redriven'], '12 of 10 redriven, 12/s, 0 s left'],
])('progress %j reads as %j', (parameters, line) => {
  expect(progressText(...parameters)).toBe(line)
})

test('what a terminal would take for a command is not printed, nor what shows a text in another order', () => {
  expect(printable('exe\u{202e}gpj\u{2066}\u{2028}')).toBe('exe\u{fffd}gpj\u{fffd}\u{fffd}')
  expect(oneLine('a\r\nb\tc')).toBe('a\u{fffd} b c')
  const odd = { '\u{9b}31m': '\u{202e}\u{1b}\n\u{e9}' }
  expect(printableJson(JSON.stringify(odd))).toMatch(/^[ -~\u{e9}]*$/u)
  expect(JSON.parse(printableJson(JSON.stringify(odd)))).toEqual(odd)
  expect(printable('a\u{1b}[2Jb\u{7f}\u{9b}\tc\nd\u{e9}')).toBe('a\u{fffd}[2Jb\u{fffd}\u{fffd}\tc\nd\u{e9}')
})

test('a table has numbers on the right, times in ISO 8601, and one line a row whatever is in it', () => {
  const rows = [
    ['a', 1, new Date('2026-11-30T12:00:00.123Z'), null],
    ['long name', 12_345, undefined, 'two\nlines \u{1b}[31m'],
  ]
  expect(table(['NAME', 'COUNT', 'AT', 'X'], rows, { empty: 'nothing' }).split('\n')).toEqual([
    'NAME        COUNT  AT                    X',
    'a               1  2026-11-30T12:00:00Z',
    'long name  12,345                        two lines \u{fffd}[31m',
  ])
  expect(table(['NAME'], [], { empty: 'nothing' })).toBe('nothing')
})
