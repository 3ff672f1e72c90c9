/**
 * The style of a study's page. States' colours are Paul Tol's "bright" scheme, which colour-blind eyes tell apart, a little darker
 * on white and lighter on black.
 */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --text: #1b1f27; --soft: #5d6575; --line: #dde1e8; --accent: #c2417c; --hover: #eef1f6;
  --finished: #3a6fb0; --pruned: #b58a00; --failed: #d6455d; --lost: #9c2d72; --preempted: #2a9cc7; --running: #228833; --waiting: #9aa1ad;
  --paused: #66b3c9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1a1e26; --text: #e8ebf1; --soft: #9aa4b5; --line: #333a47; --accent: #ff8cc0; --hover: #242a35;
    --finished: #73a9ea; --pruned: #d9bf4a; --failed: #ff8093; --lost: #d68bc0; --preempted: #66ccee; --running: #64c874; --waiting: #7d8696;
    --paused: #8fd3e6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 60px; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; }
header, .card, main > div { grid-column: 1 / -1; min-width: 0; }
.card.half { grid-column: span 1; }
#pareto .chips { margin-top: 12px; }
#pareto .chip { padding-left: 9px; font-variant-numeric: tabular-nums; }
#pareto .chip[aria-pressed="true"] { border-color: var(--accent); }
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: 26px; line-height: 1.2; font-weight: 680; letter-spacing: -0.01em; overflow-wrap: anywhere; unicode-bidi: isolate; }
b, dd, td, th, code { unicode-bidi: isolate; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 12px; }
.subtitle { color: var(--soft); margin: 4px 0 18px; overflow-wrap: anywhere; }
.subtitle b { color: var(--text); font-weight: 600; }
.status { font-size: 12px; font-weight: 600; padding: 2px 10px; border-radius: 99px; border: 1px solid currentColor; color: var(--soft); }
.status.finished { color: var(--finished); } .status.running { color: var(--running); } .status.failed, .status.lost { color: var(--failed); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 14px; margin-bottom: 14px; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; }
.tile { min-width: 0; }
.tile.wide { grid-column: span 2; }
.tile h2 { font-size: 12px; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
.tile p { color: var(--soft); font-size: 13px; }
.tile .big { font-size: 30px; line-height: 1.25; font-weight: 660; color: var(--text); letter-spacing: -0.02em; display: flex; align-items: baseline; gap: 10px; margin-bottom: 6px; font-variant-numeric: tabular-nums; }
.tile small { font-size: 15px; font-weight: 500; color: var(--soft); letter-spacing: 0; }
.stack { display: flex; height: 6px; border-radius: 3px; overflow: hidden; gap: 1px; margin: 2px 0 10px; }
.stack span { min-width: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
button, select { font: inherit; color: inherit; }
button { cursor: pointer; }
.chip { display: inline-flex; align-items: center; gap: 5px; font-size: 12px; padding: 2px 9px 2px 6px; border: 1px solid var(--line); border-radius: 99px; background: none; }
.chip:hover, .small:hover { background: var(--hover); }
header .chip[aria-pressed="false"] { opacity: 0.5; text-decoration: line-through; }
.small { font-size: 12px; padding: 2px 9px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); white-space: nowrap; }
.link { border: 0; background: none; padding: 0; color: var(--finished); font-size: inherit; font-weight: 500; text-decoration: underline; text-underline-offset: 2px; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
.big .link { font-size: 14px; letter-spacing: 0; }
:focus-visible { outline: 2px solid var(--finished); outline-offset: 2px; }
.command { display: flex; align-items: flex-start; gap: 8px; min-width: 0; }
.command code { flex: 1; min-width: 0; font: 12px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--hover); border-radius: 7px; padding: 4px 9px; overflow-wrap: anywhere; max-height: 112px; overflow-y: auto; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 26px; font-size: 13px; margin-top: 4px; }
.facts div { display: flex; gap: 7px; min-width: 0; }
.facts dt { color: var(--soft); white-space: nowrap; }
.facts dd { overflow-wrap: anywhere; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 6px 16px; }
.head h2 { font-size: 17px; font-weight: 640; }
.controls { display: flex; flex-wrap: wrap; gap: 6px 14px; }
[hidden] { display: none !important; }
.control { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; color: var(--soft); }
.control select { color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 2px 6px; max-width: 220px; }
.about { color: var(--soft); font-size: 13px; margin: 2px 0 12px; ; }
.note { color: var(--soft); font-size: 13px; margin-top: 8px; overflow-wrap: anywhere; }
.empty { color: var(--soft); padding: 18px 0; }
.body { min-width: 0; }
.body svg { --plot-background: var(--card); display: block; max-width: none; }
.scroll { overflow-x: auto; }
.slices { display: flex; flex-wrap: wrap; gap: 14px 16px; }
.under { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 20px; align-items: baseline; }
.ramp { white-space: nowrap; flex-wrap: wrap; display: flex; align-items: center; gap: 8px; font-size: 13px; color: var(--soft); }
.ramp .bar { width: 130px; height: 9px; border-radius: 5px; }
.parallel text { font-size: 11px; fill: var(--text); stroke: var(--card); stroke-width: 3.5px; paint-order: stroke; stroke-linejoin: round; pointer-events: none; }
.parallel .label { font-size: 12.5px; font-weight: 600; pointer-events: auto; }
.parallel .axis line { stroke: var(--soft); }
.parallel .lines path { fill: none; stroke-width: 1.4; stroke-opacity: 0.6; cursor: pointer; }
.parallel .lines .other { stroke-width: 1; stroke-opacity: 0.28; }
.parallel .lines path:hover { stroke-width: 3.5; stroke-opacity: 1; }
.parallel .lines .away { stroke: var(--line); stroke-opacity: 0.35; }
.parallel .lines .picked { stroke: var(--text); stroke-width: 3.5; stroke-opacity: 1; }
.brush .selection { fill: var(--accent); fill-opacity: 0.22; stroke: var(--accent); }
header > .control { margin: 2px 0 10px; }
[aria-label="tip"] { pointer-events: none; }
.table { max-height: 560px; overflow: auto; border: 1px solid var(--line); border-radius: 9px; }
figure { margin: 0; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--hover); text-align: left; z-index: 1; padding: 0; border-bottom: 1px solid var(--line); }
th:not(:has(button)) { padding: 7px 10px; font-size: 12px; font-weight: 600; white-space: nowrap; }
th button { border: 0; background: none; font-weight: 600; font-size: 12px; padding: 7px 10px; width: 100%; text-align: inherit; white-space: nowrap; }
td { padding: 5px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
th.number, td.number { text-align: right; }
tbody tr:hover { background: var(--hover); }
tr.best td { font-weight: 650; }
tr.picked td { background: color-mix(in srgb, var(--accent) 16%, var(--card)); }
.state::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; background: var(--state); margin-right: 7px; }
.picked-bar { position: fixed; left: 50%; bottom: 14px; transform: translateX(-50%); width: min(1200px, calc(100vw - 24px)); display: flex; flex-wrap: wrap; align-items: center; gap: 6px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 10px 16px; box-shadow: 0 8px 30px rgb(0 0 0 / 0.22); z-index: 5; }
.picked-bar .command { flex: 1 1 320px; }
.error { color: var(--failed); overflow-wrap: anywhere; }
.noscript { max-width: 60ch; margin: 40px auto; padding: 0 20px; }
@media (max-width: 760px) {
  main { padding: 16px 10px 60px; gap: 12px; grid-template-columns: minmax(0, 1fr); }
  .card.half, .tile.wide { grid-column: 1 / -1; }
  .tile, .card { padding: 12px 12px; }
  h1 { font-size: 21px; }
}
@media print { .picked-bar, .controls, .small { display: none; } .card { break-inside: avoid; } body { background: none; } }
`
