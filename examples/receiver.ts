// A receiver for the examples: `npx tsx examples/receiver.ts`. It prints the RECEIVER_URL to use.
// In an app: import { receiver } from 'requeuest/testing'
import { receiver } from '../src/testing/index.ts'
import { reply } from './shared/replies.ts'

const { url } = await receiver((request) => {
  const given = reply(request)
  console.log(`${request.method} ${request.path} ${request.text()} → ${JSON.stringify(given)}`)
  return given
})
console.log(`RECEIVER_URL=${url}`)
