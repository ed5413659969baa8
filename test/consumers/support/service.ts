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
  ends: Partial<Ended>
}

/**
 * An application that sends an order when it is asked to, and is told to end while another one is on its way: it waits
 * for the answer, records it, and goes.
 */
export async function expectService(fixture: string, { build, ready = 'listening', env, ends }: Build): Promise<void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const project = await createProject(fixture, async (_request, index) => {
    if (index > 0) await released
    return {}
  })
  const service = await serve(project, [await build(project)], ready, env)

  const { id } = await fetchJson(`${service.url}/orders`, { method: 'POST' })
  expect(await fetchJson(`${service.url}/orders/${id}`)).toMatchObject(delivered)

  await fetchJson(`${service.url}/orders`, { method: 'POST' })
  await project.receiver.waitForRequests(2)
  service.kill('SIGTERM')
  await service.printed('stopping')
  release()
  expect(await service.ended).toMatchObject({ ...ends, errors: '' })
  await expectDelivered(project, 2)
}
