import { expect, test } from 'vitest'
import { testing } from '../../src/testing/index.ts'
import '../../src/testing/vitest.mts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'https://api.example.com/bills'

test('a matcher finds what was spawned, of an instance and of a kit', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('billing', url)
  await expect(requeuest).toHaveSpawned({ channel: 'billing' }, { count: 1 })
  await expect(testing(requeuest, { channels: ['mails'] })).not.toHaveSpawned()
})

test('a matcher that fails says what there is', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('billing', url)
  await expect(expect(requeuest).toHaveSpawned({ channel: 'mails' })).rejects.toThrow(
    `${id} billing pending GET ${url}`,
  )
  await expect(expect(requeuest).not.toHaveSpawned({ channel: 'billing' })).rejects.toThrow(`found ${id}.`)
})

test('a matcher of what is no instance, or with a filter that is none, throws', async () => {
  const requeuest = createRequeuest(database.prisma)
  await expect(expect({}).toHaveSpawned()).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(expect(requeuest).not.toHaveSpawned({ chanel: 'a' } as never)).rejects.toMatchObject({
    field: 'where.chanel',
  })
})
