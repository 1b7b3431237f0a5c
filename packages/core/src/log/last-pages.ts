// Which page each key saw last, so that a page that renders again is not opened again. Bounded: the key that was
// quiet for longest is forgotten first, and its next opening is recorded even if it is the same page.
import { eventLimits, pageKeysMax } from "../limits.ts"

export class LastPages {
  private readonly slugs = new Map<string, string>()

  /** The page that this key saw last; a long slug is shortened. */
  of(whose: string): string | undefined {
    return this.slugs.get(shortened(whose))
  }

  /** Remembers the page. False when it is the one that this key saw last. */
  isNews(whose: string, page: string): boolean {
    const [key, slug] = [shortened(whose), shortened(page)]
    const last = this.slugs.get(key)
    this.slugs.delete(key)
    this.slugs.set(key, slug)
    if (this.slugs.size > pageKeysMax) {
      const [oldest] = this.slugs.keys()
      if (oldest !== undefined) this.slugs.delete(oldest)
    }
    return last !== slug
  }
}

// What is remembered is bounded in size as well: a slug may have come from anywhere.
const shortened = (text: string): string =>
  text.length <= eventLimits.keyCharsMax ? text : `${text.slice(0, eventLimits.keyCharsMax)} …${text.length}`
