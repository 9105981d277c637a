/** How long to wait for the other, in milliseconds. The protocol itself gives up after ten minutes. */
export type Patience = { readonly answerMs: number; readonly stepMs: number };
export const PATIENCE: Patience = { answerMs: 3 * 60_000, stepMs: 4 * 60_000 };
