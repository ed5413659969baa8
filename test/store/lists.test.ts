import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinBytes, jsonList, plainList, textList } from '../../src/store/lists.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
  fc.constantFrom('', 'NULL', 'null', '"', '\\', '{}', ',', ' a ', '\\"', 'line\nline'),
)

test('Postgres reads texts as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (values) => {
      const rows = await database.prisma.$queryRaw<{ read: string | null }[]>`
        SELECT list.value AS read
        FROM unnest(${textList(values)}::text[], ${plainList(values.map(() => 0))}::int[])
          WITH ORDINALITY AS list (value, padding, position) ORDER BY position`
      expect(rows.map((row) => row.read)).toEqual(values)
    }),
  )
})

test('Postgres reads JSON as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.array(fc.tuple(text, text)))), async (values) => {
      const rows = await database.prisma.$queryRaw<{ read: unknown }[]>`
        SELECT list.value::json AS read
        FROM unnest(string_to_array(${jsonList(values)}, chr(30), ''), ${plainList(values.map(() => 0))}::int[])
          WITH ORDINALITY AS list (value, padding, position) ORDER BY position`
      expect(rows.map((row) => row.read)).toEqual(values)
    }),
  )
})

test('Postgres reads bytes as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.uint8Array({ maxLength: 300 }))), async (values) => {
      const { bytes, starts, lengths } = joinBytes(values)
      const rows = await database.prisma.$queryRaw<{ hex: string | null }[]>`
        SELECT encode(substring(${bytes}::bytea FROM start FOR length), 'hex') AS hex
        FROM unnest(${starts}::int[], ${lengths}::int[]) WITH ORDINALITY AS list (start, length, position)
        ORDER BY position`
      expect(rows.map((row) => row.hex)).toEqual(values.map((value) => value && Buffer.from(value).toString('hex')))
    }),
  )
})

test.each([
  [[], '{}'],
  [[1, null, 2.5, -3], '{1,NULL,2.5,-3}'],
  [[true, false, null], '{true,false,NULL}'],
  [[null, null], '{}'],
  [['018f3c1e-0000-7000-8000-000000000000'], '{018f3c1e-0000-7000-8000-000000000000}'],
])('%j needs no quotes', (values, list) => {
  expect(plainList(values)).toBe(list)
})

test('a part of a larger buffer is written, not all of it', () => {
  const { bytes } = joinBytes([new Uint8Array([1, 2, 3, 4]).subarray(1, 3)])
  expect([...bytes]).toEqual([2, 3])
})
