// Three radio buttons in a row that look like one switch: system, light, dark.
// theme.ts applies the choice.
import { type ReactElement, useState } from "react"
import { Icon, type IconName } from "./icon.tsx"
import { applyTheme, readTheme, type Theme, themes } from "./theme.ts"

const looks: Readonly<Record<Theme, { readonly icon: IconName; readonly label: string }>> = {
  system: { icon: "screen", label: "As the system" },
  light: { icon: "sun", label: "Light" },
  dark: { icon: "moon", label: "Dark" }
}

export const ThemeSwitch = (): ReactElement => {
  const [chosen, setChosen] = useState(readTheme)
  const choose = (theme: Theme): void => {
    applyTheme(theme)
    setChosen(theme)
  }
  return (
    <fieldset className="theme-switch">
      <legend className="visually-hidden">Colours</legend>
      {themes.map((theme) => (
        <label key={theme} title={looks[theme].label}>
          <input
            className="visually-hidden"
            type="radio"
            name="theme"
            checked={theme === chosen}
            onChange={() => choose(theme)}
          />
          <Icon name={looks[theme].icon} />
          <span className="visually-hidden">{looks[theme].label}</span>
        </label>
      ))}
    </fieldset>
  )
}
