import { expect, test } from 'vitest'
import { OriginScan } from '../../src/claim/origin-scan.ts'
import type { Lane } from '../../src/store/claims.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()

async function create(channel: string, origins: number, more: { priority?: number; delayMs?: number } = {}) {
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin, priority, run_at)
    SELECT gen_random_uuid(), ${channel}, origin || '/', origin, ${more.priority ?? 5}::smallint,
      now() + ${more.delayMs ?? -1}::int * interval '1 ms'
    FROM generate_series(1, ${origins}::int) AS number
    CROSS JOIN LATERAL (SELECT 'http://host-' || lpad(number::text, 5, '0')) AS own (origin)`
}

const host = (number: number) => `http://host-${String(number).padStart(5, '0')}`
const spell = ({ channel, origin, priority }: Lane) => `${channel} ${origin} ${priority}`

/** No origin is known to have less room than any other. */
const none = async () => () => true

test('comes to every lane, however many there are, before it comes to one again', async () => {
  await create('a', 450)
  const lanes = new OriginScan(database.prisma)
  const found: string[] = []
  for (let call = 0; call < 9; call++) found.push(...(await lanes.withRoom(['a'], none, 50)).map(spell))
  expect(found).toHaveLength(450)
  expect(new Set(found).size).toBe(450)
  expect((await lanes.withRoom(['a'], none, 1)).map(spell)).toEqual([`a ${host(1)} 5`])
})

test('leaves out origins without room, and lanes in which nothing is due', async () => {
  await create('a', 3)
  await create('a', 1, { priority: 0, delayMs: 60_000 })
  await create('a', 3, { priority: 9 })
  const lanes = new OriginScan(database.prisma)
  const found = await lanes.withRoom(
    ['a'],
    async () =>
      ({ origin }: Lane) =>
        origin !== host(2),
    50,
  )
  expect(found.map(spell)).toEqual([`a ${host(1)} 5`, `a ${host(1)} 9`, `a ${host(3)} 5`, `a ${host(3)} 9`])
})

test('finds the one lane that is due behind thousands that are not', async () => {
  await create('a', 3000, { delayMs: 60_000 })
  await database.prisma.httpRequest.create({ data: { channel: 'a', url: 'http://last/', origin: 'http://last' } })
  const lanes = new OriginScan(database.prisma)
  expect((await lanes.withRoom(['a'], none, 50)).map(spell)).toEqual(['a http://last 5'])
})

test('no priority is cut off where a look ends', async () => {
  // A look covers 200 lanes, and its last is the first of four that the 200th origin has.
  await create('a', 200)
  for (const priority of [6, 7, 8]) {
    await database.prisma.httpRequest.create({
      data: { channel: 'a', url: `${host(200)}/`, origin: host(200), priority },
    })
  }
  const lanes = new OriginScan(database.prisma)
  const found = [...(await lanes.withRoom(['a'], none, 1000)), ...(await lanes.withRoom(['a'], none, 1000))]
  expect(new Set(found.map(spell)).size).toBe(203)
})

test('shares between channels, and skips none of them twice', async () => {
  await create('a', 4)
  await create('b', 4)
  const lanes = new OriginScan(database.prisma)
  const found: string[] = []
  for (let call = 0; call < 4; call++) found.push(...(await lanes.withRoom(['a', 'b'], none, 2)).map(spell))
  expect(found.filter((lane) => lane.startsWith('a'))).toHaveLength(4)
  expect(new Set(found).size).toBe(8)
})
