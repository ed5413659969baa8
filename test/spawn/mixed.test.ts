import { expect, test } from 'vitest'
import { http } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('a batch keeps the bytes of every body, also behind a request that has none', async () => {
  const requeuest = createRequeuest(database.prisma)
  const url = 'http://example.com/'
  const requests = [
    http.get(url),
    http.post(url, { json: { a: 1 } }),
    http.put(url, { body: new Uint8Array() }),
    http.get(url),
  ]
  const ids = await requeuest.spawnMany('a', requests)
  const bodies: (string | null)[] = []
  for (const id of ids) {
    const { body } = (await requeuest.find(id))!
    bodies.push(body && Buffer.from(body).toString())
  }
  expect(bodies).toEqual([null, '{"a":1}', '', null])
})
