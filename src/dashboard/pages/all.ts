import type { Page } from '../view/view.ts'
import { requestPage } from './request/request.tsx'
import { requestsPage } from './requests/requests.tsx'

/** In the order of their links. */
export const PAGES: readonly Page[] = [requestsPage, requestPage]
