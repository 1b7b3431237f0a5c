// The heading of a page, also the window's title. It takes the focus when a person has followed a link, so that the keyboard and
// a screen reader start there; on the first page and on the way back the browser sets the focus.
import { type ReactElement, type ReactNode, useEffect, useRef } from "react"
import { useNavigationType } from "react-router"

export const PageHeading = ({ title, children }: { title: string; children?: ReactNode }): ReactElement => {
  const heading = useRef<HTMLHeadingElement>(null)
  const isFollowed = useNavigationType() === "PUSH"
  useEffect(() => {
    document.title = `${title} · Data tools`
    if (isFollowed) heading.current?.focus({ preventScroll: true })
  }, [title, isFollowed])
  return (
    <header className="page-heading">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children === undefined ? null : <p className="lead">{children}</p>}
    </header>
  )
}
