/** The invariants, all of them. */
import type { Checker, View } from './checker.ts';
import { convergence } from './convergence.ts';
import { holding } from './holding.ts';
import { lease } from './lease.ts';
import { overlap } from './overlap.ts';
import { speech } from './speech.ts';
import { storm } from './storm.ts';
import { succession } from './succession.ts';
import { takeover } from './takeover.ts';
import { usurpation } from './usurpation.ts';
import { warmth } from './warmth.ts';

export const allCheckers = (view: View): Checker[] =>
  [speech, holding, lease, overlap, takeover, usurpation, succession, warmth, storm, convergence].map(
    (make) => make(view),
  );
