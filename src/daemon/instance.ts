/**
 * One virtual router at work: event -> step -> perform -> rearm. The same code runs under the real clock and under
 * the simulator's; it owns the current state and one timer, and does nothing to the outside itself.
 */

import { INITIAL_STATE, step } from '../core/vrrp/machine.ts';
import type { Millis, VrrpParameters } from '../core/vrrp/parameters.ts';
import { rebase } from '../core/vrrp/rebase.ts';
import type { Effect, Event, Readiness, State, TransitionReason } from '../core/vrrp/state.ts';
import { nextDeadline } from '../core/vrrp/timers.ts';
import type { Clock } from '../io/clock.ts';

/** What happened in one step, for whoever watches. */
export interface Observation {
  readonly at: Millis;
  readonly event: Event;
  readonly before: State;
  readonly after: State;
  readonly readiness: Readiness;
  /** There when the state's name changed. */
  readonly reason: TransitionReason | undefined;
}

export interface InstancePorts {
  readonly clock: Clock;
  /** Carries out the effects in their order; must not call back into the instance before it returns. */
  readonly perform: (effects: readonly Effect[], readiness: Readiness) => void;
  readonly observe: (observation: Observation) => void;
}

/** Nothing is known yet. */
const UNDECIDED: Readiness = {
  decided: false,
  priority: 0,
  faults: [],
  cold: [],
  candidate: true,
  localAddress: null,
};

export class Instance {
  #state: State = INITIAL_STATE;
  #readiness: Readiness = UNDECIDED;
  #disarm: () => void = () => {};
  #armed: Millis | null = null;
  #params: VrrpParameters;
  readonly #ports: InstancePorts;

  constructor(params: VrrpParameters, ports: InstancePorts) {
    this.#params = params;
    this.#ports = ports;
  }

  get state(): State {
    return this.#state;
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** True when it has stopped and holds nothing any more. */
  get finished(): boolean {
    return this.#state.name === 'STOP' && this.#state.handover === null;
  }

  /** The virtual router has these parameters from now on; its state stays, its timers are set as they say. */
  adjust(params: VrrpParameters): void {
    const { priority } = this.#readiness;
    const change = { before: this.#params, after: params, priority, now: this.#ports.clock.now() };
    this.#state = rebase(change, this.#state);
    this.#params = params;
    this.#rearm();
  }

  /** Takes one event to its end. */
  receive(event: Event): void {
    const { clock, perform, observe } = this.#ports;
    const at = clock.now();
    const before = this.#state;
    if ('readiness' in event) this.#readiness = event.readiness;
    const { state, effects, reason } = step(this.#params, this.#readiness, before, event, at);
    this.#state = state;
    perform(effects, this.#readiness);
    this.#rearm();
    observe({ at, event, before, after: state, readiness: this.#readiness, reason });
  }

  /** A timer that stands already is left alone: most of what is heard moves no deadline. */
  #rearm(): void {
    const deadline = nextDeadline(this.#state);
    if (deadline === this.#armed) return;
    this.#disarm();
    this.#armed = deadline;
    // Master_Down_Timer seldom runs out, and then clients wait.
    const exact = this.#state.name === 'BACKUP';
    this.#disarm = deadline === null ? () => {} : this.#ports.clock.at(deadline, () => this.#fire(), exact);
  }

  #fire(): void {
    this.#armed = null;
    this.receive({ type: 'timer' });
  }
}
