import { beforeEach, describe, expect, test } from 'vitest'
import { type FindOptions, InvalidInputError } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

describe('a request with 250 attempts', () => {
  let id: string
  beforeEach(async () => {
    id = await createRequeuest(database.prisma).spawn('a', 'http://a.test/')
    await createRequeuest(database.prisma).spawn('a', 'http://b.test/')
    await database.prisma.$executeRaw`
      INSERT INTO requeuest_attempt (request_id, number, outcome, started_at, duration_ms, worker_id, status, body)
      SELECT id, number, 'rejected', now(), 1, 'w', 500, 'body' FROM requeuest_request, generate_series(1, 250) AS number`
  })

  test.each<[FindOptions, number[]]>([
    [{}, [151, 250]],
    [{ attempts: {} }, [151, 250]],
    [{ attempts: { last: 1 } }, [250, 250]],
    [{ attempts: { last: 10, before: 151 } }, [141, 150]],
    [{ attempts: { before: 51 } }, [1, 50]],
    [{ attempts: { last: 100_000 } }, [1, 250]],
    [{ attempts: { last: 0 } }, []],
    [{ attempts: { before: 1 } }, []],
  ])('is found with those that %j asks for, in their order', async (options, [first, last]) => {
    const found = await createRequeuest(database.prisma).find(id, options)
    expect(found?.attemptsRecorded).toBe(250)
    const count = first === undefined || last === undefined ? 0 : last - first + 1
    expect(found?.attempts.map(({ number }) => number)).toEqual(
      Array.from({ length: count }, (_, at) => at + (first ?? 0)),
    )
    for (const { body } of found?.attempts ?? []) expect(String(Buffer.from(body ?? []))).toBe('body')
  })

  test.each<[unknown, string]>([
    [{ attempts: { last: -1 } }, 'options.attempts.last'],
    [{ attempts: { last: 100_001 } }, 'options.attempts.last'],
    [{ attempts: { before: 0 } }, 'options.attempts.before'],
    [{ attempts: { before: 2 ** 31 } }, 'options.attempts.before'],
    [{ attempts: { first: 1 } }, 'options.attempts.first'],
    [{ attempts: null }, 'options.attempts'],
    [{ attempts: 5 }, 'options.attempts'],
  ])('is not looked for with %j', async (options, field) => {
    const refused = createRequeuest(database.prisma).find(id, options as FindOptions)
    await expect(refused).rejects.toThrow(InvalidInputError)
    await expect(refused).rejects.toMatchObject({ field })
  })
})
