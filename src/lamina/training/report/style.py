"""The look of reports: two palettes, light and dark, shared by page and figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours, as #rrggbb."""

    page: str
    card: str
    text: str
    quiet: str
    line: str
    training: str
    validation: str
    right: str
    wrong: str


LIGHT = Palette("#f6f7f9", "#ffffff", "#1c2126", "#667079", "#e1e5ea", "#2f6fb3", "#d9730d", "#dbe8f6", "#c8452f")
DARK = Palette("#14171a", "#1d2125", "#e7eaed", "#98a2ab", "#333a41", "#6aa9ea", "#f0a050", "#233a52", "#f0705a")


def _variables(palette: Palette) -> str:
    return "; ".join(f"--{name}: {colour}" for name, colour in vars(palette).items())


CSS = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }}
main {{ max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }}
h1 {{ font-size: 1.7rem; line-height: 1.25; margin: 1rem 0 .25rem }}
h2 {{ font-size: 1.15rem; margin: 2.5rem 0 .25rem }}
p {{ margin: .25rem 0 .75rem }}
.quiet, figcaption, th {{ color: var(--quiet) }}
.card {{ background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem }}
.row {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)) }}
.keys {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); margin: 1.25rem 0 }}
.keys b {{ display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums }}
.keys span {{ color: var(--quiet); font-size: .85rem }}
figure {{ margin: 0 }}
figure img {{ display: block; width: 100%; height: auto }}
.narrow {{ max-width: 40rem }}
.digits {{ display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)) }}
.digits img {{ width: 100%; image-rendering: pixelated; border-radius: 6px; background: #000 }}
.digits figcaption {{ font-size: .8rem; line-height: 1.35; margin-top: .3rem; overflow-wrap: anywhere }}
.digits b {{ color: var(--text) }}
.digits .wrong {{ color: var(--wrong) }}
.scroll {{ overflow-x: auto }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100% }}
th, td {{ text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap }}
th {{ font-weight: 500; font-size: .85rem }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0 }}
.facts td:last-child {{ white-space: normal; overflow-wrap: anywhere }}
tr:last-child td {{ border-bottom: 0 }}
.stack {{ display: grid; gap: .75rem }}
.text {{ white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }}
pre {{ margin: 0; font: .8rem/1.4 ui-monospace, monospace }}
"""
