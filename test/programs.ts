/**
 * Tests that run whole programs or servers of others, each of which takes many seconds: the demo, the examples, Prisma's commands,
 * a stranger's application, PgBouncer, a browser, the benchmark, processes that are killed. They are a step of their own.
 */
export const PROGRAMS = [
  'test/bench/smoke.test.ts',
  'test/chaos/lab/parts.test.ts',
  'test/cli/commands.test.ts',
  'test/cli/hostile.test.ts',
  'test/cli/init/named-schema.test.ts',
  'test/cli/init/schemas.test.ts',
  'test/cli/packed.test.ts',
  'test/cli/surroundings.test.ts',
  'test/dashboard/browser/*.test.ts',
  'test/handlers/exits.test.ts',
  'test/journey/{demo,examples,processes,stranger}.test.ts',
  'test/otel/processes.test.ts',
  'test/pgbouncer/pgbouncer.test.ts',
  'test/prisma/**/*.test.ts',
  'test/schedules/processes.test.ts',
  'test/telemetry/processes.test.ts',
]
