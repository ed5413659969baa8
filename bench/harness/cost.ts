import { factsOf, type SystemName } from '../systems/catalogue.ts'
import { type CpuByProcess, countBusy } from './busy.ts'
import type { Lab } from './lab.ts'
import type { Agent } from './run.ts'

/** What a stretch of a run took. */
export interface Cost {
  workerCpuSeconds: number
  /** CPU of whatever keeps the queue; null without one, or where it cannot be told. */
  storeCpuSeconds: number | null
  /** Null for what is not kept in Postgres. */
  walBytes: number | null
  /** The largest that a worker ever was. */
  peakRssMb: number
  /** Connections to Postgres that have done some work; null for what is not kept there, or where it cannot be told. */
  busyConnections: number | null
}

/** What has been used since everything began. */
interface Used extends Omit<Cost, 'busyConnections'> {
  connectionsCpu: CpuByProcess
}

/** Begins to measure. The function that it returns tells what has been used since. */
export async function measureCost(
  lab: Lab,
  system: SystemName,
  workers: readonly Agent[],
): Promise<() => Promise<Cost>> {
  const before = await read(lab, system, workers)
  return async () => {
    const after = await read(lab, system, workers)
    return {
      workerCpuSeconds: after.workerCpuSeconds - before.workerCpuSeconds,
      storeCpuSeconds: difference(after.storeCpuSeconds, before.storeCpuSeconds),
      walBytes: difference(after.walBytes, before.walBytes),
      peakRssMb: after.peakRssMb,
      busyConnections: countBusy(before.connectionsCpu, after.connectionsCpu) || null,
    }
  }
}

async function read(lab: Lab, system: SystemName, workers: readonly Agent[]): Promise<Used> {
  const { keepsIn } = factsOf(system)
  const usages = await Promise.all(workers.map((worker) => worker.usage()))
  const stores = { postgres: lab.server, redis: keepsIn === 'redis' ? await lab.redis() : null, nothing: null }
  return {
    workerCpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    storeCpuSeconds: stores[keepsIn]?.cpuSeconds() ?? null,
    walBytes: keepsIn === 'postgres' ? await lab.server.walBytes() : null,
    peakRssMb: Math.max(...usages.map((usage) => usage.peakRssMb)),
    connectionsCpu: keepsIn === 'postgres' ? await lab.server.connectionsCpu() : new Map(),
  }
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before
}
