// Renders components for a test and removes them after it. It waits for React, and for nothing else.
import { act, type ReactNode } from "react"
import { createRoot, type Root, type RootOptions } from "react-dom/client"
import { onTestFinished } from "vitest"

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

export interface Rendered {
  readonly element: HTMLElement
  readonly render: (node: ReactNode) => Promise<void>
  readonly unmount: () => Promise<void>
  readonly root: Root
}

/** A root of its own in the document, with what it renders committed and its effects run. */
export const render = async (node: ReactNode, options?: RootOptions): Promise<Rendered> => {
  const element = document.body.appendChild(document.createElement("div"))
  const root: Root = createRoot(element, options)
  const again = (next: ReactNode): Promise<void> => act(async () => root.render(next))
  const unmount = async (): Promise<void> => {
    await act(async () => root.unmount())
    element.remove()
  }
  onTestFinished(unmount)
  await again(node)
  return { element, render: again, unmount, root }
}
