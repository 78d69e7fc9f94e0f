/**
 * Carries out core/supervise.ts for one program: told of its deaths, it has it launched again at once, later, or after a
 * fault has ended. Owns the waiting and the fitness that follows from it; what is launched is the caller's.
 */
import { type Decision, onDeath, UNTROUBLED } from '../core/supervise.ts';
import type { CheckState } from '../core/track.ts';
import type { Clock } from '../io/clock.ts';

export interface SupervisorOptions {
  readonly clock: Clock;
  /** What was decided on a death, before it is carried out. */
  readonly onDied: (how: string, decision: Decision) => void;
  /** Start it again. */
  readonly launch: () => void;
  /** A fault ended: start it again if it is wanted. */
  readonly onForgiven: () => void;
  /** A fault began or ended. */
  readonly onFitness: () => void;
}

export interface Supervisor {
  /** It died. `hopeless`: it never came to work. */
  died(how: string, hopeless: boolean): void;
  /** Ends a fault now. */
  forgive(): void;
  /** It is another program from now on: what the one before did is forgotten, a fault and a restart that waits too. */
  reset(): void;
  /** It is not wanted for now: a restart that waits is given up; a fault goes on. */
  rest(): void;
  /** `down` only while it is given up. */
  readonly fitness: CheckState;
  readonly restarts: number;
}

const FIT: CheckState = { status: 'up', streak: 0, detail: '' };

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, onDied, launch, onForgiven, onFitness } = options;
  let supervision = UNTROUBLED;
  let fitness = FIT;
  let restarts = 0;
  let cancelPause: () => void = () => {};

  const restart = (): void => {
    restarts++;
    launch();
  };

  const forgive = (): void => {
    if (fitness.status === 'up') return;
    cancelPause();
    fitness = FIT;
    onForgiven();
    onFitness();
  };

  return {
    died(how, hopeless) {
      const decision = onDeath(supervision, clock.now(), hopeless);
      supervision = decision.supervision;
      onDied(how, decision);
      if (decision.action === 'fault') {
        const minutes = Math.round(decision.pause / 60_000);
        fitness = { status: 'down', streak: 0, detail: `keeps dying (${how}), given up for ${minutes} min` };
        cancelPause = clock.at(clock.now() + decision.pause, forgive);
        onFitness();
      } else if (decision.pause === 0) restart();
      else cancelPause = clock.at(clock.now() + decision.pause, restart);
    },
    forgive,
    reset() {
      supervision = UNTROUBLED;
      cancelPause();
      forgive();
    },
    rest() {
      if (fitness.status === 'up') cancelPause();
    },
    get fitness() {
      return fitness;
    },
    get restarts() {
      return restarts;
    },
  };
}
