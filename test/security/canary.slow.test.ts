import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../journey/programs.ts'
import { createDatabase } from '../support/databases.ts'
import { receiverOf } from '../support/fixture.ts'
import { migrateDeploy } from '../support/migrate.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRawReceiver } from '../support/receiver.ts'

test('no secret is in a log, an event, an error, or in any file of the database', { timeout: 60_000 }, async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const url = await createDatabase(postgres.url, 'canary')
  await migrateDeploy(url)
  await using garbage = await startRawReceiver((socket) => socket.end('HTTP/1.1 canary-response\r\n\r\n'))
  const receiver = await receiverOf(({ url }) => {
    if (url.startsWith('/garbage')) return { status: 307, headers: { location: garbage.url } }
    if (url.startsWith('/hang')) return { how: 'hang' }
    if (url.startsWith('/reset')) return { how: 'reset' }
    const headers = { 'set-cookie': 'session=canary-response-cookie', 'x-own': 'canary-response-header' }
    return { status: url.startsWith('/rejected') ? 500 : 200, headers, body: 'canary-response-body' }
  })

  const program = runProgram('test/security/processes/canary.ts', [], { DATABASE_URL: url, RECEIVER_URL: receiver.url })
  onTestFinished(() => program.kill('SIGKILL'))
  const { output, errors } = await program.ended
  expect(output).toContain('done')
  expect(sightings(output)).toEqual([])
  expect(sightings(errors)).toEqual([])
  // The test can see a canary that is there.
  expect(receiver.requests.some(({ body }) => sightings(String(body)).length > 0)).toBe(true)

  await postgres.crash()
  const files = filesBelow(postgres.dataDir)
  expect(files.length).toBeGreaterThan(500)
  // URLs are not encrypted, which is documented.
  const found = files
    .map((file) => readFileSync(file))
    .flatMap((bytes) => (holdsCanary(bytes) ? sightings(bytes.toString('latin1')) : []))
  expect(found.filter((sighting) => !sighting.includes('canary-query'))).toEqual([])
  expect(found.some((sighting) => sighting.includes('canary-query'))).toBe(true)
})

/** `canary-` as it is, in hex, and in base64 at each of its three offsets. */
const CANARIES = ['canary-', '63616e6172792d', 'Y2FuYXJ5L', 'NhbmFyeS', 'jYW5hcnkt']

const holdsCanary = (bytes: Buffer) => CANARIES.some((canary) => bytes.includes(canary))

/** Every canary in a text, with what stands around it. */
function sightings(text: string): string[] {
  return text.match(new RegExp(`.{0,60}(${CANARIES.join('|')}).{0,40}`, 'g')) ?? []
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}
