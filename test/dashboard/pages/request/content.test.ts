import { expect, test } from 'vitest'
import { shownBody } from '../../../../src/dashboard/pages/request/content.ts'

test('JSON is pretty-printed, and text is shown as it is', () => {
  expect(shownBody(Buffer.from('{"a":[1,2]}'))).toEqual({
    kind: 'JSON',
    text: '{\n  "a": [\n    1,\n    2\n  ]\n}',
    isPart: false,
  })
  expect(shownBody(Buffer.from('\ufeffgrüße\r\n\t<b>'))).toEqual({
    kind: 'text',
    text: '\ufeffgrüße\r\n\t<b>',
    isPart: false,
  })
})

test('of bytes that are no text, the first are shown', () => {
  const bytes = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(400, 0xff)])
  const { kind, text, isPart } = shownBody(bytes)
  expect({ kind, isPart }).toEqual({ kind: 'binary', isPart: true })
  expect(text.split('\n')).toHaveLength(16)
  expect(text.split('\n')[0]).toBe('0000  50 4b 03 04 ff ff ff ff ff ff ff ff ff ff ff ff  PK..............')
  expect(shownBody(Buffer.from('a\0b')).kind).toBe('binary')
})

test('of a long body, the beginning is shown', () => {
  const { kind, text, isPart } = shownBody(Buffer.from(`["${'é'.repeat(1_000_000)}"]`))
  expect({ kind, isPart, isShort: text.length <= 65_536 }).toEqual({ kind: 'text', isPart: true, isShort: true })
})
