import { expect } from 'vitest'
import type { Ended } from '../../journey/programs.ts'
import { delivered, expectDelivered } from './check.ts'
import { createProject, type Project } from './project.ts'
import { fetchJson, serve } from './serve.ts'

interface Build {
  /** Makes the application; returns the file that node runs. */
  build: (project: Project) => Promise<string>
  /** What it prints when it takes requests. @default 'listening' */
  ready?: string
  env?: Record<string, string>
  /** What else it is asked to do between the two orders. */
  also?: (url: string, project: Project) => Promise<void>
  ends: Partial<Ended>
}

/**
 * An application that sends an order when it is asked to, and is told to end while another one is on its way: it waits
 * for the answer, records it, and goes. Returns what is left of it.
 */
export async function expectService(
  fixture: string,
  { build, ready = 'listening', env, also = async () => {}, ends }: Build,
): Promise<Ended> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let bills = 0
  const project = await createProject(fixture, async ({ method }) => {
    if (method === 'POST' && bills++ > 0) await released
    return {}
  })
  const service = await serve(project, [await build(project)], ready, env)

  const { id } = await fetchJson(`${service.url}/orders`, { method: 'POST' })
  expect(await fetchJson(`${service.url}/orders/${id}`)).toMatchObject(delivered)

  await also(service.url, project)
  const arrived = project.receiver.requests.length
  await fetchJson(`${service.url}/orders`, { method: 'POST' })
  await project.receiver.waitForRequests(arrived + 1)
  service.kill('SIGTERM')
  await service.printed('stopping')
  release()
  const ended = await service.ended
  expect(ended).toMatchObject({ ...ends, errors: '' })
  await expectDelivered(project, 2)
  return ended
}
