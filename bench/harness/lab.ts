import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { type Compiled, compile } from '../../test/support/compile.ts'
import { callsTo, type Remote } from '../processes/rpc.ts'
import type { TargetMethods } from '../processes/target.ts'
import { factsOf, type SystemName } from '../systems/catalogue.ts'
import { endProgram, forkProgram } from './children.ts'
import { packageVersion } from './machine.ts'
import type { NodeBinary, Nodes } from './nodes.ts'
import { compileWith } from './other-checkout.ts'
import { type Server, startServer } from './postgres.ts'
import { type Redis, redisVersion, startRedis } from './redis.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const BENCH = path.join(ROOT, 'bench')
const AGENT = path.join(BENCH, 'processes/agent.ts')
const TARGET = path.join(BENCH, 'processes/target.ts')
const RECEIVERS = path.join(BENCH, 'processes/receivers.ts')
const BURNER = path.join(BENCH, 'processes/burner.ts')

/** What all runs of a bench share: the servers, the target, and the programs in JavaScript as an app would ship them. */
export interface Lab extends AsyncDisposable {
  server: Server
  target: Remote<TargetMethods>
  targetUrl: string
  /** What a process of the system runs. */
  agentFileOf(system: SystemName): string
  receiversFile: string
  burnerFile: string
  /** Where the compiled programs are. */
  compiledRoot: string
  /** What Requeuest and the target run under. */
  node: NodeBinary
  /** Started when first asked for. */
  redis(): Promise<Redis>
  /** Why a system cannot run here; null when it can. */
  whyNot(system: SystemName): string | null
  /** What a system runs under. */
  nodeOf(system: SystemName): NodeBinary
}

/** @param otherCheckout - the folder of another checkout of the library, to be compared with this one */
export async function openLab(nodes: Nodes, otherCheckout?: string): Promise<Lab> {
  const cleanups: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
  try {
    const keep = (programs: Compiled) => {
      process.once('exit', programs.remove)
      cleanups.push(() => programs.remove())
      return programs
    }
    const programs = keep(await compile(AGENT, TARGET, RECEIVERS, BURNER))
    const otherAgent = otherCheckout ? keep(await compileWith(otherCheckout, programs)).of(AGENT) : null
    // Where the peers are.
    symlinkSync(path.join(BENCH, 'node_modules'), programs.of(path.join(BENCH, 'node_modules')))
    const server = await startServer()
    cleanups.push(async () => server[Symbol.asyncDispose]())
    const child = forkProgram(programs.of(TARGET), nodes.main.binary)
    cleanups.push(() => endProgram(child))
    const target = callsTo<TargetMethods>(child)
    const targetUrl = `http://127.0.0.1:${await target.listen()}`
    let redis: Promise<Redis> | undefined
    cleanups.push(async () => (await redis)?.[Symbol.asyncDispose]())
    return {
      server,
      target,
      targetUrl,
      agentFileOf: (system) => (factsOf(system).isOther ? (otherAgent as string) : programs.of(AGENT)),
      receiversFile: programs.of(RECEIVERS),
      burnerFile: programs.of(BURNER),
      compiledRoot: programs.of(ROOT),
      node: nodes.main,
      redis() {
        redis ??= startRedis()
        return redis
      },
      whyNot(system) {
        const { npm, isOther } = factsOf(system)
        if (isOther && !otherAgent) return 'there is no other checkout; --against names one'
        if (!packageVersion(npm)) return `${npm} is not installed; \`npm ci --prefix bench\` does that`
        if (factsOf(system).keepsIn === 'redis' && !redisVersion()) return 'there is no redis-server on the path'
        if (!nodes.of(system)) return `it needs Node ${factsOf(system).node}, and there is none here`
        return null
      },
      nodeOf: (system) => nodes.of(system) as NodeBinary,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
