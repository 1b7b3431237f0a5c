// The routes. Files live above them, so that going to another page loses none. What a page is made of, and that it was
// opened, is the page's own business.
import type { ReactElement } from "react"
import { Navigate, Route, Routes } from "react-router"
import { FileShelfProvider } from "./files/file-shelf.tsx"
import { AnalyzePage } from "./pages/analyze-page.tsx"
import { CleanerPage } from "./pages/cleaner-page.tsx"
import { ColumnsPage } from "./pages/columns-page.tsx"
import { HistoryPage } from "./pages/history-page.tsx"
import { TroublePage } from "./pages/trouble-page.tsx"
import { pages } from "./pages.ts"
import { Shell } from "./shell/shell.tsx"

export const App = (): ReactElement => (
  <FileShelfProvider>
    <Routes>
      <Route element={<Shell />}>
        <Route path={pages.analyze} element={<AnalyzePage />} />
        <Route path={pages.columns} element={<ColumnsPage />} />
        <Route path={pages.cleaner} element={<CleanerPage />} />
        <Route path={pages.history} element={<HistoryPage />} />
        <Route path={pages.trouble} element={<TroublePage />} />
        <Route path="*" element={<Navigate to={pages.analyze} replace />} />
      </Route>
    </Routes>
  </FileShelfProvider>
)
