import type { ChildProcess } from 'node:child_process'

// biome-ignore lint/suspicious/noExplicitAny: any function at all; its own types reach the caller through Remote
type Methods = { [name: string]: (...args: any[]) => unknown }

/** The methods of another process: each answers later. */
export type Remote<M extends Methods> = {
  [K in keyof M]: (...args: Parameters<M[K]>) => Promise<Awaited<ReturnType<M[K]>>>
}

interface Call {
  id: number
  method: string
  args: unknown[]
}

type Answer = { id: number; result: unknown } | { id: number; error: string }

/** Lets the parent process call these methods. The process ends when the parent lets go of it. */
export function serve(methods: Methods): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, method, args }: Call) => {
    const send = (answer: Answer) => process.send?.(answer)
    try {
      send({ id, result: await methods[method]?.(...args) })
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}

/** Calls the methods that a child process serves. A call fails when the child ends before it has answered. */
export function callsTo<M extends Methods>(child: ChildProcess): Remote<M> {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  let calls = 0
  let ended: string | undefined
  child.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) call?.reject(new Error(answer.error))
    else call?.resolve(answer.result)
  })
  child.on('exit', (code, signal) => {
    ended = `the process ended (${signal ?? code})`
    for (const { reject } of waiting.values()) reject(new Error(ended))
  })
  const call = (method: string, args: unknown[]) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error(ended))
      const id = calls++
      waiting.set(id, { resolve, reject })
      child.send({ id, method, args } satisfies Call)
    })
  return new Proxy({} as Remote<M>, {
    // A promise that resolves to this must not take it for another promise.
    get: (_, method) => (method === 'then' ? undefined : (...args: unknown[]) => call(String(method), args)),
  })
}
