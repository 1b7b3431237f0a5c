// Traces of the machine where a file was written: paths of a home or a checkout, and the hosts that packages came from.
// A clone must not know where it was made.

import { lineAt, type Rule } from "./source-file.ts"

/** /home/user and /home/ada are the homes that samples and tests may use. */
const traces = [
  {
    what: "is a path of one machine",
    pattern: /(?<![\w.}\])>-])\/(?:work|root)\/[\w.-]*|\/(?:home|Users)\/(?!(?:user|ada)\b)[\w-]+\//g
  },
  {
    what: "is the host of a package registry",
    pattern:
      /\b(?:registry\.(?:npmjs|yarnpkg)|npm\.jsr|npm\.pkg\.github|(?:deb|security)\.debian|(?:proxy|sum)\.golang|pypi|files\.pythonhosted)\.(?:org|io|com)\b/g
  }
]

export const machineTraces: Rule = ({ path, text }) =>
  traces.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      path,
      line: lineAt(text, match.index),
      rule: "machine",
      message: `"${match[0]}" ${what}. Use a relative path or a made-up name that holds everywhere.`
    }))
  )
