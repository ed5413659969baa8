import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditionsOf, FILTER_KEYS, filterOf } from '../../../src/dashboard/pages/filter-query.ts'
import { InvalidInputError } from '../../../src/index.ts'

const texts = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 3 })
const text = fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined })
const written = (choices: readonly string[]) => fc.option(fc.constantFrom(...choices), { nil: undefined })
const times = written(['2h', '+3d', '2026-11-30', '2026-11-30T10:00Z'])

const addresses = fc.record({
  id: texts,
  channel: texts,
  state: texts,
  'order-key': fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
  'dedupe-key': texts,
  origin: texts,
  'failure-code': texts,
  outcome: texts,
  'error-code': texts,
  'url-starts-with': text,
  'url-contains': text,
  status: written(['503', '500-599', '5xx']),
  'created-after': times,
  'created-before': times,
  'due-after': times,
  'finished-before': times,
})

const queryOf = (values: Readonly<Record<string, string | string[] | undefined>>) =>
  new URLSearchParams(
    Object.entries(values).flatMap(([key, value]) => [value ?? []].flat().map((one): [string, string] => [key, one])),
  )

test('every value of every condition in an address is in its filter, and a link takes all of them along', () => {
  fc.assert(
    fc.property(addresses, fc.string(), (values, noise) => {
      const query = queryOf(values)
      query.append('before', noise)
      const conditions = conditionsOf(new URLSearchParams(query.toString()))
      expect(conditions.toString()).toBe(queryOf(values).toString())
      const filter = filterOf(query, 0)
      expect(filterOf(conditions, 0)).toEqual(filter)
      const all = (value: unknown) => (value === undefined ? [] : ((value as { in?: string[] }).in ?? [value]))
      expect(all(filter?.id)).toEqual(values.id)
      expect(all(filter?.channel)).toEqual(values.channel)
      expect(all(filter?.state)).toEqual(values.state)
      expect(all(filter?.orderKey)).toEqual(values['order-key'])
      expect(all(filter?.dedupeKey)).toEqual(values['dedupe-key'])
      expect(all(filter?.origin)).toEqual(values.origin)
      expect(all(filter?.failureCode)).toEqual(values['failure-code'])
      expect(all(filter?.lastAttempt?.outcome)).toEqual(values.outcome)
      expect(all(filter?.lastAttempt?.errorCode)).toEqual(values['error-code'])
      expect(filter?.lastAttempt?.status === undefined).toBe(values.status === undefined)
      expect(filter?.url ?? {}).toEqual({
        ...(values['url-starts-with'] && { startsWith: values['url-starts-with'] }),
        ...(values['url-contains'] && { contains: values['url-contains'] }),
      })
      expect(filter?.createdAt?.gte === undefined).toBe(values['created-after'] === undefined)
      expect(filter?.createdAt?.lt === undefined).toBe(values['created-before'] === undefined)
      expect(filter?.runAt?.gte === undefined).toBe(values['due-after'] === undefined)
      expect(filter?.finishedAt?.lt === undefined).toBe(values['finished-before'] === undefined)
    }),
  )
})

test('a field that a form left empty is no condition; elsewhere an empty key is the line of the whole channel', () => {
  const form = new URLSearchParams(`form=&${FILTER_KEYS.map((key) => `${key}=`).join('&')}`)
  expect(filterOf(form, 0)).toBeUndefined()
  expect(filterOf(new URLSearchParams('channel=&order-key='), 0)).toEqual({ orderKey: '' })
})

test.each([
  ['url-contains=a&url-contains=b', 'url-contains'],
  ['status=500&status=503', 'status'],
  ['created-after=1h&created-after=2h', 'created-after'],
  ['url=https://a.example/&url-contains=a', 'url-contains'],
  ['url=https://a.example/&url-starts-with=a', 'url-starts-with'],
  ['status=many', 'status'],
  ['due-before=tomorrow', 'due-before'],
])('a condition that would be left out in silence is refused: %s', (query, field) => {
  expect(() => filterOf(new URLSearchParams(query), 0)).toThrow(InvalidInputError)
  expect(() => filterOf(new URLSearchParams(query), 0)).toThrow(expect.objectContaining({ field }))
})
