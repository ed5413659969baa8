import type { IncomingMessage, ServerResponse } from 'node:http'
import { expectTypeOf } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import {
  createDashboard,
  type Dashboard,
  type DashboardAccess,
  type DashboardActionEvent,
  type RequestFilter,
} from '../../src/dashboard/index.ts'
import { Requeuest } from '../../src/index.ts'

declare const prisma: PrismaClient
const requeuest = new Requeuest(prisma)

// The instance of any client has a dashboard.
const dashboard = createDashboard(requeuest, { access: () => 'read' })
expectTypeOf(requeuest).toEqualTypeOf<Requeuest<PrismaClient>>()
expectTypeOf(dashboard).toEqualTypeOf<Dashboard>()
expectTypeOf(createDashboard(new Requeuest(prisma.$extends({})), { access: () => false })).toEqualTypeOf<Dashboard>()

// It is what frameworks take.
expectTypeOf(dashboard).toExtend<(request: Request) => Promise<Response>>()
expectTypeOf(dashboard.toNode()).toExtend<(request: IncomingMessage, response: ServerResponse) => void>()
expectTypeOf(dashboard.route.POST).toExtend<
  (request: Request, context: { params: Promise<object> }) => Promise<Response>
>()

// Who visits is decided from either request, at once or later.
createDashboard(requeuest, {
  access: async (request, native) => {
    expectTypeOf(request).toEqualTypeOf<Request>()
    expectTypeOf(native).toBeUnknown()
    return ['redrive', 'pause']
  },
  user: ({ headers }) => headers.get('x-user'),
  onAction: (event) => {
    expectTypeOf(event).toEqualTypeOf<DashboardActionEvent>()
    if ('requests' in event.target) expectTypeOf(event.target.requests).toEqualTypeOf<RequestFilter>()
  },
  refresh: '5s',
  origins: ['https://admin.example.com'],
})
expectTypeOf<DashboardAccess>().toExtend<false | 'read' | 'full' | readonly string[]>()

// @ts-expect-error: somebody has to decide who may see it
createDashboard(requeuest, {})
// @ts-expect-error: forgetting to return something is a mistake
createDashboard(requeuest, { access: () => {} })
// @ts-expect-error: there is no such action
createDashboard(requeuest, { access: () => ['redriv'] })
// @ts-expect-error: whether it is true says nothing
createDashboard(requeuest, { access: () => true })
// @ts-expect-error: a client is no instance
createDashboard(prisma, { access: () => 'full' })
