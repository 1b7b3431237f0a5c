// Takes files: dropped on the zone, or chosen with the button.
// The file shelf keeps and analyzes them.
import { type DragEvent, type ReactElement, useId, useRef, useState } from "react"
import { Icon } from "../shell/icon.tsx"

export const DropZone = ({ onFiles }: { onFiles: (files: readonly File[]) => void }): ReactElement => {
  const id = useId()
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)

  const over = (event: DragEvent): void => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    onFiles([...event.dataTransfer.files])
  }
  const choose = (): void => {
    const { current } = input
    if (current?.files == null) return
    onFiles([...current.files])
    // Otherwise choosing the same file again would be no change.
    current.value = ""
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping needs a mouse; the button inside does the same with the keyboard.
    <div
      className="drop-zone"
      data-over={isOver || undefined}
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      <p className="drop-zone-title">Drop CSV files here</p>
      <p className="quiet">or</p>
      <input
        ref={input}
        id={id}
        className="visually-hidden"
        type="file"
        accept=".csv,text/csv"
        multiple
        onChange={choose}
      />
      <label htmlFor={id} className="button">
        Choose files
      </label>
      <p className="drop-zone-note">
        <Icon name="lock" /> Files stay in this browser. The log gets their name, size and fingerprint.
      </p>
    </div>
  )
}
