import type { Page } from '../view/view.ts'
import { channelPage } from './channel.tsx'
import { channelsPage } from './channels.tsx'
import { failuresPage } from './failures.tsx'
import { linesPage } from './lines.tsx'
import { overviewPage } from './overview.tsx'
import { receiverPage } from './receiver.tsx'
import { receiversPage } from './receivers.tsx'
import { requestPage } from './request/request.tsx'
import { requestsPage } from './requests/requests.tsx'
import { schedulesPage } from './schedules.tsx'
import { workersPage } from './workers.tsx'

/** Where one path is a beginning of another's pattern, the longer one first. */
export const PAGES: readonly Page[] = [
  overviewPage,
  requestsPage,
  requestPage,
  receiversPage,
  receiverPage,
  channelsPage,
  channelPage,
  failuresPage,
  linesPage,
  schedulesPage,
  workersPage,
]
