import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freshDatabase, receiverOf } from '../support/fixture.ts'

const tsx = createRequire(import.meta.url).resolve('tsx')
const program = fileURLToPath(new URL('programs/exhausted.ts', import.meta.url))

test('a process without a descriptor left spends no attempt, blames no receiver and says so once', async () => {
  const receiver = await receiverOf()
  const env = {
    ...process.env,
    DATABASE_URL: await freshDatabase(),
    RECEIVER_URL: receiver.url,
    PORT: String(receiver.port),
  }
  const command = 'ulimit -n 256 && exec "$0" --import "$1" "$2"'
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, tsx, program], { env })
  expect(JSON.parse(stdout)).toEqual({
    failed: 0,
    origins: 0,
    codes: ['resources_exhausted'],
    attempts: [1, 1, 1, 1, 1, 1],
  })
  expect(receiver.requests).toHaveLength(6)
}, 60_000)
