import { callsTo } from '../processes/rpc.ts'
import { endProgram, forkProgram } from './children.ts'
import type { Lab } from './lab.ts'

/** Starts processes that do nothing but compute, until they are disposed of or this process ends. */
export async function startBurners(lab: Lab, count: number): Promise<AsyncDisposable> {
  const children = Array.from({ length: count }, () => forkProgram(lab.burnerFile, lab.node.binary))
  await Promise.all(children.map((child) => callsTo<{ start(): void }>(child).start()))
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(endProgram))
    },
  }
}
