import { expect, test } from 'vitest'
import { Requeuest } from '../../src/index.ts'
import { runProgram } from '../journey/programs.ts'
import { connect, freshDatabase } from '../support/fixture.ts'

test('of two processes that measure one tells the depth, over a pool of one connection', {
  timeout: 60_000,
}, async (context) => {
  const database = await freshDatabase()
  await new Requeuest(connect(database)).spawn('waiting', 'http://127.0.0.1:9/')
  const told: string[] = []
  for (let process = 0; process < 2; process++) {
    const program = runProgram('test/telemetry/programs/measured.ts', [], { DATABASE_URL: database })
    context.onTestFinished(() => program.kill('SIGKILL'))
    const [shown = ''] = (await program.printed('started')).split('\n')
    told.push(JSON.parse(shown))
  }
  const due = 'requeuest_queue_requests{channel="waiting",state="due"} 1'
  expect(told.map((text) => text.includes(due))).toEqual([true, false])
  // What is the process's own each of them tells.
  for (const text of told) expect(text).toContain('requeuest_worker_slots{state="busy"} 0')
})
