// Light or dark: the person's choice, else the system's. The choice is an attribute of the root element, where the style sheets of
// the app and of the diagnostics panel look for it, and is remembered if the browser allows that.

export type Theme = "system" | "light" | "dark"
export const themes: readonly Theme[] = ["system", "light", "dark"]

const storageKey = "theme"

export const readTheme = (): Theme => {
  try {
    const stored = localStorage.getItem(storageKey)
    return themes.find((theme) => theme === stored) ?? "system"
  } catch {
    return "system" // Storage is forbidden, so no choice is remembered.
  }
}

export const applyTheme = (theme: Theme): void => {
  const { dataset } = document.documentElement
  if (theme === "system") delete dataset.theme
  else dataset.theme = theme
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    return // The choice holds for this visit.
  }
}
