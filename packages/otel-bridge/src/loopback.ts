// Which names are this machine: nothing that is sent there leaves it, so it needs no encryption and no proxy.
// Names alone are looked at; no address is looked up.

/** True for a URL's host name that is the same machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)
