// The routes. The files live above them, so that another page loses none. Each page records its own opening.
// pages.ts has the paths.
import type { ReactElement } from "react"
import { createBrowserRouter, createRoutesFromElements, Navigate, Route } from "react-router"
import { RouterProvider } from "react-router/dom"
import { FileShelfProvider } from "./files/file-shelf.tsx"
import { AnalyzePage } from "./pages/analyze-page.tsx"
import { CleanerPage } from "./pages/cleaner-page.tsx"
import { ColumnsPage } from "./pages/columns-page.tsx"
import { HistoryPage } from "./pages/history-page.tsx"
import { TroublePage } from "./pages/trouble-page.tsx"
import { pages } from "./pages.ts"
import { Shell } from "./shell/shell.tsx"

const router = createBrowserRouter(
  createRoutesFromElements(
    <Route element={<Shell />}>
      <Route path={pages.analyze} element={<AnalyzePage />} />
      <Route path={pages.columns} element={<ColumnsPage />} />
      <Route path={pages.cleaner} element={<CleanerPage />} />
      <Route path={pages.history} element={<HistoryPage />} />
      <Route path={pages.trouble} element={<TroublePage />} />
      <Route path="*" element={<Navigate to={pages.analyze} replace />} />
    </Route>
  )
)

export const App = (): ReactElement => (
  <FileShelfProvider>
    <RouterProvider router={router} />
  </FileShelfProvider>
)
