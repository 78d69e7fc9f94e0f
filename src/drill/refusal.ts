/** A drill that is not begun: nothing was done, and the message says why and what to do about it. */
export class Refusal extends Error {}
