/** All checks that look at more than one value of a config. */
import type { Findings } from '../findings.ts';
import { inheritedFrom } from '../inherited.ts';
import type { Draft } from '../schema.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { checkCaches } from './caches.ts';
import { checkGlobalDefs, checkPace, checkProcesses } from './checks.ts';
import { checkInstance } from './instance.ts';
import { checkInterfaceDelays } from './interface-delays.ts';
import { checkProxies } from './proxies.ts';
import { checkReferences } from './references.ts';
import { checkSyncGroups } from './sync-groups.ts';
import { checkVirtualRouters } from './virtual-routers.ts';
import { checkVmacs } from './vmacs.ts';
import { checkWarmth } from './warmth.ts';
import { checkWeights } from './weights.ts';

/** Reports everything that does not fit together. The draft holds only values that are right by themselves. */
export function crossCheck(draft: Draft, tree: YamlTree, findings: Findings): void {
  const instances = draft.vrrp_instance;
  if (instances !== undefined && Object.keys(instances).length === 0) {
    // Written out as {}, as in a file that is still to be filled in: a map without lines would be null, and wrong.
    findings.warning(['vrrp_instance'], 'is empty: this host takes part in no election');
  }
  // An empty value is null to YAML, but may just be what is left of a map whose lines were commented out.
  const metrics = ['global_defs', 'metrics'];
  if (draft.global_defs?.metrics === null && tree.text(metrics) === '') {
    findings.warning(metrics, 'is empty, which turns metrics off; write null if that is meant');
  }
  checkReferences(draft, findings);
  checkVirtualRouters(draft, findings);
  checkVmacs(draft, findings);
  checkProxies(draft, findings);
  checkCaches(draft, findings);
  checkGlobalDefs(draft, findings);
  checkProcesses(draft, findings);
  checkPace(draft, findings);
  checkInterfaceDelays(draft, findings);
  checkSyncGroups(draft, findings);
  checkWeights(draft, findings);
  checkWarmth(draft, findings);
  const inherited = inheritedFrom(draft.global_defs);
  for (const [name, instance] of Object.entries(instances ?? {})) {
    if (instance !== undefined) checkInstance(instance, inherited, ['vrrp_instance', name], tree, findings);
  }
}
