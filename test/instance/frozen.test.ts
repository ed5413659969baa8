import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../journey/programs.ts'
import { endLeases } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
test('another drain takes over from a process that is frozen beyond its lease, and the history says so', async () => {
  let answerFirst = () => {}
  const receiver = await receiverOf(async (_, index) => {
    if (index === 0) {
      await new Promise<void>((resolve) => {
        answerFirst = resolve
      })
    }
    return { status: index === 0 ? 503 : 200 }
  })
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url, { timeout: '5s' })
  const frozen = runProgram('test/instance/programs/drain.ts', [], { DATABASE_URL: database.url })
  onTestFinished(() => frozen.kill('SIGKILL'))
  await receiver.waitForRequests(1)
  frozen.kill('SIGSTOP')

  await endLeases(database.prisma)
  expect(await requeuest.drain({ channels: ['a'] })).toMatchObject({ attempts: 1, delivered: 1, stopped: 'idle' })
  const accepted = { number: 2, outcome: 'accepted', status: 200 }
  const before = await requeuest.find(id)
  expect(before?.attempts).toMatchObject([
    { number: 1, outcome: 'abandoned', errorCode: 'lease_expired', status: null },
    accepted,
  ])
  answerFirst()
  frozen.kill('SIGCONT')

  const { code, output, errors } = await frozen.ended
  expect([code, errors]).toEqual([0, ''])
  expect(output).toBe('lost attempt 1\n{"attempts":1,"delivered":0,"stopped":"idle"}\n')
  // Now it is known what came of it. That changes nothing else.
  const after = await requeuest.find(id)
  expect(after?.attempts).toMatchObject([{ number: 1, outcome: 'rejected', status: 503 }, accepted])
  expect(after?.state).toBe('delivered')
  expect(receiver.requests).toHaveLength(2)
})
