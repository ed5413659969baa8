import { onTestFinished } from 'vitest'
import { type PlainSender, senderOf } from './sender.ts'

/** As {@link senderOf}; the test's end closes it. */
export function testSender(options: Parameters<typeof senderOf>[0]): PlainSender {
  const sender = senderOf(options)
  onTestFinished(() => sender.close())
  return sender
}
