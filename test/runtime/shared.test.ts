import { expect, test, vi } from 'vitest'
import * as one from '../../src/index.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('an instance of one copy of the package has its dashboard of another, and errors are told apart all the same', async () => {
  const requeuest = new one.Requeuest(database.prisma)
  vi.resetModules()
  const { createDashboard } = await import('../../src/dashboard/index.ts')
  const { Requeuest, InvalidInputError } = await import('../../src/index.ts')
  expect(Requeuest).not.toBe(one.Requeuest)
  const dashboard = createDashboard(requeuest, { access: () => 'full' })
  expect((await dashboard(new Request('http://localhost/requests'))).status).toBe(200)
  // It is the other copy that finds this wrong.
  const unreadable = await dashboard(
    new Request('http://localhost/actions/pause', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ channel: '\0' }),
    }),
  )
  expect(unreadable.status).toBe(400)
  expect(() => createDashboard({} as never, { access: () => 'full' })).toThrow(InvalidInputError)
})
