// Whether a stream gets colours: terminals do, unless NO_COLOR says no;
// FORCE_COLOR says yes in a pipe as well.

export type Env = Readonly<Record<string, string | undefined>>

export const hasColors = ({ NO_COLOR, FORCE_COLOR, TERM }: Env, isTerminal: boolean): boolean => {
  if ((NO_COLOR ?? "") !== "") return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false"
  return isTerminal && TERM !== "dumb"
}
