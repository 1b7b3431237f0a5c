// The app's icons: strokes on a grid of 24, in the colour of the text around them. The words beside them say the same, so they
// are hidden from screen readers.
import type { ReactElement } from "react"

const strokes = {
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  brush: "M14.5 4.5l5 5M17 2.5l4.5 4.5-9 9-5.5-4.5zM7 11.5c-3 .5-3.5 3-3 6 2 2 6 1.5 8-1.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  bolt: "M13 3L5 13.5h6L10.5 21 19 10.5h-6z",
  upload: "M12 15.5V4.5M7.5 9L12 4.5 16.5 9M4.5 15v3.5a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5V15",
  lock: "M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  check: "M5 12.5l4.5 4.5L19 7",
  alert: "M12 4l9 15.5H3zM12 10v4.5M12 17v.1",
  back: "M14.5 6l-6 6 6 6",
  next: "M9.5 6l6 6-6 6",
  pulse: "M3 12.5h4l2.5-7 4.5 13 2.5-6H21",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10",
  screen: "M4 5h16v11H4zM9 20h6M12 16v4"
} as const

export type IconName = keyof typeof strokes

export const Icon = ({ name }: { name: IconName }): ReactElement => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={strokes[name]} />
  </svg>
)
