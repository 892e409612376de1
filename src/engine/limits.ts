/** How much of the exchange one account may occupy (docs/spec/exchange.md §3). */

export const ordersOpenMax = 20_000;
export const depositsAwaitedMax = 100;
export const withdrawalsWaitingMax = 100;
