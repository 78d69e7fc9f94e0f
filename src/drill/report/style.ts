/** The colours of a report, for light and dark by the reader's setting. Pure text; no outside assets. */

export const STYLE = `
:root { color-scheme: light dark; }
svg, body { --paper: #ffffff; --ink: #1f2328; --faint: #667078; --line: #d5d9de; --good: #2b8a3e; --bad: #d6293e;
  --act: #7048a8; --master: #1c7ed6; --backup: #b8c0c8; --fault: #e8590c; --silent: #868e96; --on: #ffffff; }
@media (prefers-color-scheme: dark) {
  svg, body { --paper: #14181d; --ink: #e4e7ea; --faint: #98a2ac; --line: #343b43; --good: #51cf66; --bad: #ff6b6b;
    --act: #b197fc; --master: #4dabf7; --backup: #4d565f; --fault: #ff922b; --silent: #6b747d; --on: #0d1014; }
}
svg { font: 13px system-ui, sans-serif; }
svg text { fill: var(--ink); }
svg .faint { fill: var(--faint); }
svg .head { font-size: 18px; font-weight: 600; }
svg .mono { font: 12px ui-monospace, monospace; white-space: pre; }
svg .paper { fill: var(--paper); }
svg .grid { stroke: var(--line); }
svg .mark { stroke: var(--act); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg .act { fill: var(--act); }
svg .good { fill: var(--good); }
svg .bad { fill: var(--bad); }
svg .late { fill: var(--bad); fill-opacity: 0.45; }
svg .master { fill: var(--master); }
svg .backup { fill: var(--backup); }
svg .fault { fill: var(--fault); }
svg .silent { fill: var(--silent); fill-opacity: 0.35; }
svg .inside { fill: var(--on); font-size: 12px; font-weight: 600; }
svg .backup + .inside, svg .silent + .inside { fill: var(--ink); }
`;
