import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs a compiled program under the given Node, with a channel for calls. Its output is ours. */
export function forkProgram(file: string, nodeBinary: string): ChildProcess {
  const child = fork(file, { execPath: nodeBinary, execArgv: [], serialization: 'advanced' })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Lets a program go, which ends it, and resolves when it is gone. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}
