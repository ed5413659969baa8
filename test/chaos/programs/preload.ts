/*
 * Loaded into each of the lab's programs before its own code.
 */

// When the lab is gone, nobody else would end them.
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'))
process.stdin.unref()

/** By how much `Date` is wrong. The monotonic clock stays right. */
const skewMs = Number(process.env['LAB_SKEW_MS'] ?? 0)

if (skewMs !== 0) {
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [target.now() + skewMs] : given, newTarget),
    apply: (target) => new target(target.now() + skewMs).toString(),
    get: (target, name) => (name === 'now' ? () => target.now() + skewMs : Reflect.get(target, name)),
  })
}

export {}
