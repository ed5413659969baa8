import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Ended, follow } from '../../journey/programs.ts'
import { freePort } from '../../support/postgres.ts'
import { outsideEnv } from '../../support/run.ts'
import { delivered, expectDelivered } from './check.ts'
import { createProject, type Project } from './project.ts'

/**
 * An application that sends an order when it is asked to, and is told to end while another order is on its way: it
 * waits for the answer, records it, and goes.
 *
 * @param build - makes the application; returns the file that node runs
 */
export async function expectService(
  name: string,
  build: (project: Project) => Promise<string>,
  end: Partial<Ended>,
  options: { as?: string; env?: Record<string, string> } = {},
): Promise<void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const handler = async (_request: unknown, index: number) => {
    if (index > 0) await released
    return {}
  }
  const project = await createProject(name, { as: options.as ?? name, handler })
  const file = path.join(project.folder, await build(project))

  const port = String(await freePort())
  const env = { ...outsideEnv(), ...project.env, ...options.env, PORT: port, HOSTNAME: '127.0.0.1' }
  const child = spawn(process.execPath, [file], { cwd: path.dirname(file), env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const program = follow(child)
  await program.printed('listening')

  const orders = `http://127.0.0.1:${port}/orders`
  const { id } = await json(await fetch(orders, { method: 'POST' }))
  expect(await json(await fetch(`${orders}/${id}`))).toMatchObject(delivered)

  await json(await fetch(orders, { method: 'POST' }))
  await project.receiver.waitForRequests(2)
  program.kill('SIGTERM')
  await program.printed('stopping')
  release()
  expect(await program.ended).toMatchObject({ ...end, errors: '' })
  await expectDelivered(project, 2)
}

async function json(response: Response): Promise<{ id: string }> {
  const text = await response.text()
  expect(response.ok, text).toBe(true)
  return JSON.parse(text)
}
