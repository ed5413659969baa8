/** What V8 writes as `.cpuprofile`, as far as it is read here. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[]
  samples: number[]
  /** Microseconds since the sample before. */
  timeDeltas: number[]
}

/** Where time goes, and how much of it. */
export interface AreaTime {
  area: string
  microseconds: number
}

/** Idle is not work. */
const NOT_WORK = '(idle)'

/**
 * Self time by area, largest first: the packages, the library's own folders, Node's own code, the garbage collector, and
 * native code by the name of its function.
 *
 * @param root - where the profiled program was compiled to
 */
export function timeByArea({ nodes, samples, timeDeltas }: CpuProfile, root: string): AreaTime[] {
  const areas = new Map(nodes.map(({ id, callFrame }) => [id, areaOf(callFrame.functionName, callFrame.url, root)]))
  const times = new Map<string, number>()
  for (const [index, sample] of samples.entries()) {
    const area = areas.get(sample) ?? 'unknown'
    if (area !== NOT_WORK) times.set(area, (times.get(area) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return [...times]
    .map(([area, microseconds]) => ({ area, microseconds }))
    .sort((one, other) => other.microseconds - one.microseconds)
}

function areaOf(functionName: string, url: string, root: string): string {
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (url === '') return functionName.startsWith('(') ? functionName : `native ${functionName || '(anonymous)'}`
  if (url.startsWith('node:')) return 'node'
  if (url.startsWith('wasm:')) return 'WebAssembly'
  const file = url.replace(/^file:\/\//, '')
  if (file.startsWith(root))
    return file
      .slice(root.length + 1)
      .split('/')
      .slice(0, 2)
      .join('/')
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file
}
