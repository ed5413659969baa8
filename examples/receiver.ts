// A receiver for the examples: `npx tsx examples/receiver.ts`. It prints the RECEIVER_URL to use.
import { startReceiver } from '../test/support/receiver.ts'
import { answer } from './shared/answers.ts'

const receiver = await startReceiver((request) => {
  const given = answer(request)
  console.log(`${request.method} ${request.url} ${request.body} → ${given.status ?? 200}`)
  return given
})
console.log(`RECEIVER_URL=${receiver.url}`)
