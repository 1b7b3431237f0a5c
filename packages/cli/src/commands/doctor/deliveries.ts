// Deliveries: how much waits, since when, and what was set aside.
// Each problem names the command that shows more of it.
import { type FoundDelivery, listDeliveries } from "@daybook/file-exporter/delivery"
import { type About, ageText, bytesText, type Check, fine, problem } from "./check.ts"

/** One that works saves its place more often, or waits for a far end that is down. */
const quietMs = 3_600_000

export const deliveryChecks = async (about: About): Promise<readonly Check[]> => {
  const { app, dir, env } = about
  try {
    return (await listDeliveries({ app, dir, env })).flatMap((found) => checksOf(found, about))
  } catch (error) {
    return [
      problem(
        "delivery",
        error instanceof Error ? error.message : String(error),
        "Give the user who asks the right to read the folder .daybook"
      )
    ]
  }
}

const checksOf = (
  { name, trouble, saved = "", counts, pendingBytes, letters, owner }: FoundDelivery,
  { app, now }: About
): readonly Check[] => {
  const on = `daybook deliver --app ${app}`
  if (trouble !== undefined)
    return [
      problem(
        "delivery",
        `${name}: its place cannot be read: ${trouble}`,
        "It begins again at the front with the next start; the receiver knows repeats by their ids"
      )
    ]
  const checks: Check[] = []
  const age = now - Date.parse(saved)
  if (pendingBytes > 0 && (owner?.is === "gone" || owner === undefined))
    checks.push(
      problem(
        "delivery",
        `${name}: ${bytesText(pendingBytes)} wait, and nothing delivers them`,
        "Start the application, or daybook deliver"
      )
    )
  else if (pendingBytes > 0 && age > quietMs)
    checks.push(
      problem(
        "delivery",
        `${name}: ${bytesText(pendingBytes)} wait, and nothing was settled for ${ageText(age)}`,
        `The far end may be down: ${on} --status`
      )
    )
  else
    checks.push(
      fine(
        "delivery",
        `${name}: ${pendingBytes === 0 ? "all is settled" : `${bytesText(pendingBytes)} are under way`}`
      )
    )
  if (letters > 0)
    checks.push(
      problem(
        "delivery",
        `${name}: ${letters} dead letters: the far end refused them for good`,
        `${on} --dead list --name ${name}, then --dead retry`
      )
    )
  if ((counts?.lostBytes ?? 0) > 0)
    checks.push(
      problem(
        "delivery",
        `${name}: ${bytesText(counts?.lostBytes ?? 0)} left the disk before they were delivered`,
        'Allow more with the option "undelivered", or deliver more often'
      )
    )
  return checks
}
