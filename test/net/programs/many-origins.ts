import { readdirSync } from 'node:fs'
import { resolveNetworkRules } from '../../../src/net/guard/rules.ts'
import { plainGet, senderOf } from '../../support/sender.ts'

/** Sends one request to each of many origins, and tells how many arrived and how many descriptors were open at most. */
const port = Number(process.env['PORT'])
const origins = Number(process.env['ORIGINS'])
const sender = senderOf({ rules: resolveNetworkRules({ allow: ['127.0.0.0/8'] }) })
let next = 0
let answered = 0
let most = 0

/** It takes a descriptor to count them. */
function countDescriptors(): number {
  try {
    return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  } catch {
    return Number.MAX_SAFE_INTEGER
  }
}

async function deliverAll(): Promise<void> {
  for (let index = next++; index < origins; index = next++) {
    const host = `127.1.${index >> 8}.${index & 255}`
    const { status } = await sender.deliver(plainGet(`http://${host}:${port}/`))
    if (status === 200) answered++
    most = Math.max(most, countDescriptors())
  }
}

await Promise.all(Array.from({ length: 20 }, deliverAll))
process.stdout.write(`${JSON.stringify({ answered, most })}\n`, () => process.exit(0))
