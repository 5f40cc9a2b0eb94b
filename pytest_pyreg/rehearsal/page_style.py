"""How the page of a rehearsal looks: light or dark as its reader's system is, on paper too, no file but the page."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #1c2330; --faint: #5c6675; --line: #dfe3e9; --code: #f0f2f5;
  --good: #14733c; --good-bg: #e0f3e7; --bad: #b3241c; --bad-bg: #fce4e2; --open: #805400; --open-bg: #fdf0cd;
  --none-bg: #eceff3; --go: #3f6fd8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151b; --card: #1b2029; --ink: #e5e9f0; --faint: #9aa5b5; --line: #303846; --code: #12161d;
    --good: #7ddc9f; --good-bg: #17382a; --bad: #ff9c93; --bad-bg: #4a201f; --open: #f2cb74; --open-bg: #43351a;
    --none-bg: #262d38; --go: #7fa6ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h1 small { font-weight: 400; color: var(--faint); }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .35rem 0; }
.faint, .remarks { color: var(--faint); }
.faint, .remarks, dl, td, th, pre, code { font-size: .875rem; }
.banner { display: inline-block; margin: 1rem 0 .5rem; padding: .5rem 1rem; border-radius: .5rem; font-weight: 600; }
.good { color: var(--good); background: var(--good-bg); }
.bad { color: var(--bad); background: var(--bad-bg); }
.open { color: var(--open); background: var(--open-bg); }
.none { color: var(--faint); background: var(--none-bg); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: .75rem 0; }
.scroll { overflow-x: auto; padding: .25rem; }
table { border-collapse: separate; border-spacing: .25rem; width: 100%; }
th { text-align: left; font-weight: 600; padding: .25rem .4rem; }
thead th { color: var(--faint); font-weight: 400; }
.matrix td { padding: 0; height: 1px; min-width: 6rem; }
.matrix a { display: block; height: 100%; padding: .45rem .6rem; border-radius: .4rem; text-decoration: none; }
.matrix a:hover, .matrix a:focus { outline: 2px solid var(--go); }
.matrix small { display: block; font-weight: 400; opacity: .85; }
.matrix b { font-weight: 600; white-space: nowrap; }
.requests td, .requests th { border-top: 1px solid var(--line); padding: .2rem .4rem; vertical-align: top; }
.requests { border-spacing: 0; }
blockquote { margin: .5rem 0; padding: .4rem .9rem; border-left: .25rem solid var(--bad); overflow-wrap: anywhere; }
.behind blockquote, .known blockquote { border-color: var(--line); }
.behind { color: var(--faint); }
.do { font-weight: 600; }
.do::before { content: "\\2192\\00a0"; }
code, pre { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: .4rem; padding: .7rem; overflow-x: auto; white-space: pre-wrap; }
details { margin: .4rem 0; }
details details { margin-left: .5rem; border-left: 2px solid var(--line); padding-left: .75rem; }
summary { cursor: pointer; padding: .2rem 0; }
.chip { display: inline-block; padding: 0 .5rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; }
.act { scroll-margin-top: 1rem; }
.lane { display: grid; grid-template-columns: 8.5rem 1fr; gap: .75rem; align-items: center; margin: .6rem 0; }
.lane > b { font-size: .875rem; overflow-wrap: anywhere; }
.track { position: relative; height: 2.6rem; }
.bar { position: absolute; top: 0; height: 1.35rem; border-radius: .25rem; overflow: hidden; white-space: nowrap;
  font-size: .72rem; line-height: 1.35rem; padding: 0 .3rem; border: 1px solid var(--card); }
.tick { position: absolute; top: 1.55rem; width: .5rem; height: .9rem; margin-left: -.25rem; border-radius: .15rem;
  background: var(--go); }
.tick.no { background: var(--bad); }
.axis { position: relative; height: 1.2rem; border-top: 1px solid var(--line); color: var(--faint);
  font-size: .72rem; }
.axis span { position: absolute; white-space: nowrap; transform: translateX(-50%); }
.axis span:first-child { transform: none; }
.axis span:last-child { transform: translateX(-100%); }
@media (max-width: 40rem) { .lane { grid-template-columns: 1fr; gap: .2rem; } }
@media print { body { background: #fff; } .card { break-inside: avoid; } }
"""
