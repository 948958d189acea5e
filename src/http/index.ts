export type { ConnectionOwner, HttpConnection, KeepAliveOptions } from "./connection.ts";
export type { Exchange, ExchangeOwner, ExchangeReset, ResetCode, ResetProof } from "./exchange.ts";
export { Fields, FieldTemplate } from "./fields.ts";
export { MemoryBudget } from "./memory-budget.ts";
