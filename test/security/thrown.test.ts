import { expect, test } from 'vitest'
import { runProgram } from '../journey/programs.ts'
import { freshDatabase, receiverOf } from '../support/fixture.ts'
import { HOSTILE } from '../support/hostile.ts'

test('nothing that a function of the application throws ends its process', { timeout: 120_000 }, async (context) => {
  const receiver = await receiverOf()
  const program = runProgram('test/security/processes/thrower.ts', [], {
    DATABASE_URL: await freshDatabase(),
    RECEIVER_URL: `${receiver.url}/`,
    NODE_OPTIONS: '--no-warnings',
  })
  context.onTestFinished(() => program.kill('SIGKILL'))
  const { code, output, errors } = await program.ended
  const each = Object.keys(HOSTILE).length
  expect({ code, errors, output: output.split('\n') }).toEqual({
    code: 0,
    errors: '',
    output: [
      // What a function decides, or does when it is over, does not make a delivery undone.
      `${18 * each} final, ${6 * each} delivered`,
      `${2 * each} handled`,
      `${10 * each} refused`,
      'delivered in spite of a hundred failures',
      '',
    ],
  })
})
