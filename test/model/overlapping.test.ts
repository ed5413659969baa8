import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DuplicateRequestError } from '../../src/index.ts'
import { connect, createRequeuest, freshDatabase, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const URL = 'http://example.com/'

/** What one of several calls that overlap is to do: spawn with a key or without, or write a row of the caller's own. */
interface Call {
  key: 'one' | 'two' | null
  onDuplicate: 'keep' | 'replace' | 'error'
  how: 'spawn' | 'spawn many' | 'create'
}

const calls = fc.array(
  fc.record<Call>({
    key: fc.constantFrom('one', 'one', 'two', null),
    onDuplicate: fc.constantFrom('keep', 'replace', 'error'),
    how: fc.constantFrom('spawn', 'spawn', 'spawn many', 'create'),
  }),
  { minLength: 2, maxLength: 8 },
)

class Rollback extends Error {}

test('of calls that overlap in one transaction each is there as it was promised, and nothing undoes what came in between', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)

  async function overlap(made: readonly Call[], commits: boolean): Promise<void> {
    await prisma.httpRequest.deleteMany()
    const before = await requeuest.spawn('a', { method: 'POST', url: URL, body: 'before' }, { dedupe: { key: 'two' } })
    let ended: PromiseSettledResult<string>[] = []
    const transaction = prisma.$transaction(async (tx) => {
      const run = async ({ key, onDuplicate, how }: Call, index: number): Promise<string> => {
        const request = { method: 'POST', url: URL, body: `${index}` }
        if (how === 'create') return (await tx.httpRequest.create({ data: { channel: 'own', url: URL } })).id
        const options = key === null ? { tx } : { tx, dedupe: { key, onDuplicate } }
        if (how === 'spawn') return requeuest.spawn('a', request, options)
        const { tx: _, ...each } = options
        const [id] = await requeuest.spawnMany('a', [{ request, options: each }, request], { tx })
        return id as string
      }
      ended = await Promise.allSettled(made.map(run))
      if (!commits) throw new Rollback()
    })
    if (commits) await transaction
    else await expect(transaction).rejects.toThrow(Rollback)

    const rows = await prisma.httpRequest.findMany()
    if (!commits) {
      expect(rows.map(({ id, body }) => [id, String(Buffer.from(body!))])).toEqual([[before, 'before']])
      return
    }
    const there = new Set(rows.map(({ id }) => id))
    const plain = made.filter(({ key, how }) => key === null || how === 'create').length
    const keys = new Set(made.flatMap(({ key, how }) => (how === 'create' ? [] : (key ?? []))))
    for (const [index, one] of ended.entries()) {
      if (one.status === 'fulfilled') expect(there).toContain(one.value)
      else {
        expect(one.reason).toBeInstanceOf(DuplicateRequestError)
        expect(made[index]).toMatchObject({ onDuplicate: 'error', key: expect.anything() })
        expect(there).toContain((one.reason as DuplicateRequestError).requestId)
      }
    }
    const seconds = made.filter(({ how }, index) => how === 'spawn many' && ended[index]?.status === 'fulfilled').length
    expect(rows).toHaveLength(plain + seconds + keys.add('two').size)
    expect(rows.find(({ id }) => id === before)).toMatchObject({ state: 'pending', dedupeKey: 'two' })
  }

  const refused: Call = { key: 'two', onDuplicate: 'error', how: 'spawn many' }
  const created: Call = { key: null, onDuplicate: 'keep', how: 'create' }
  await fc.assert(fc.asyncProperty(calls, fc.constantFrom(true, true, false), overlap), {
    numRuns: 25,
    examples: [[[created, refused, created], true]],
  })
}, 60_000)

test('calls that overlap in one transaction each have the settings that they need', async () => {
  const prisma = connect(await freshDatabase(), { options: '-c array_nulls=off' })
  const requeuest = createRequeuest(prisma)
  const both = [URL, { request: URL, options: { order: { key: 'k' } } }]
  await prisma.$transaction(async (tx) => {
    const spawnAfter = async (statements: number) => {
      for (let done = 0; done < statements; done++) await tx.$queryRaw`SELECT 1`
      await requeuest.spawnMany('a', both, { tx })
    }
    await Promise.all([0, 1, 2, 3].map(spawnAfter))
  })
  expect(await prisma.httpRequest.count({ where: { orderKey: null } })).toBe(4)
  const [settings] = await prisma.$queryRaw<[object]>`SELECT current_setting('array_nulls') AS nulls`
  expect(settings).toEqual({ nulls: 'off' })
})
