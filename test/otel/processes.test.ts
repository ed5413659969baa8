import { expect, test } from 'vitest'
import { runProgram } from '../journey/programs.ts'
import { freshDatabase, receiverOf } from '../support/fixture.ts'

interface Printed {
  name: string
  traceId: string
  spanId: string
  parent: string | null
  linked: string[]
}

async function spansOf(databaseUrl: string, role: string, url: string): Promise<Printed[]> {
  const { ended } = runProgram('test/otel/programs/instrumented.ts', [role, url], { DATABASE_URL: databaseUrl })
  const { code, output, errors } = await ended
  expect(code, errors).toBe(0)
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test.each([
  ['is linked to', 'spawn'],
  ['belongs to the trace of', 'wait'],
])('an attempt %s the spawn in another process: %s', { timeout: 60_000 }, async (_, role) => {
  const database = await freshDatabase()
  const receiver = await receiverOf()
  const [spawn, ...others] = await spansOf(database, role, receiver.url)
  expect([spawn?.name, others]).toEqual(['spawn a', []])
  const [attempt, ...more] = await spansOf(database, 'drain', receiver.url)
  expect(more).toEqual([])
  const isPart = role === 'wait'
  expect(attempt).toMatchObject({
    name: 'POST',
    parent: isPart ? spawn?.spanId : null,
    linked: isPart ? [] : [spawn?.spanId],
  })
  expect(attempt?.traceId === spawn?.traceId).toBe(isPart)
  expect(receiver.requests.map(({ headers }) => headers['traceparent'])).toEqual([
    `00-${attempt?.traceId}-${attempt?.spanId}-01`,
  ])
  // What this package notes for itself in tracestate stays at home.
  expect(receiver.requests[0]?.headers).not.toHaveProperty('tracestate')
})
