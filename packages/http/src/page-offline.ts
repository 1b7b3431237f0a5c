// The entry of `@daybook/http/page/offline`, loaded by a page that keeps what its server has not answered: a chunk of its own, which
// a page without the option `offline` never fetches.
export { keepOffline } from "./page/offline-store.ts"
