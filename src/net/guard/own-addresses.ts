import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

let known: readonly NetworkInterfaceInfo[] = []

/** The addresses of this machine. They are as they were when they cannot be listed now, for which it takes a descriptor. */
export function ownAddresses(list = networkInterfaces): readonly NetworkInterfaceInfo[] {
  try {
    known = Object.values(list()).flatMap((addresses) => addresses ?? [])
  } catch {
    // Who asks is in the middle of making a connection, and that will say what is lacking.
  }
  return known
}
