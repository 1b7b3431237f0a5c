// The entry of `@daybook/http/page/offline`, loaded by a page that keeps what its server has not answered.
export { keepOffline } from "./page/offline-store.ts"
