"""Server CPU per request as a bar chart, in SVG."""

from html import escape

from benchmarks.database_limit import NAME as PGBENCH
from benchmarks.report import TITLES
from benchmarks.results import Results
from benchmarks.traffic import SCENARIOS, Scenario

_WIDTH, _LABELS, _NUMBERS = 820, 260, 70
_ROW, _BAR, _HEAD = 24, 14, 56
_OURS, _OTHERS, _TEXT = "#0a7d5a", "#8795a8", "#5b6675"


def chart(results: Results) -> str:
    """One panel for each kind of request; the bars of a panel share a scale."""
    names = [name for name in results.names() if name != PGBENCH]
    panel = _HEAD + _ROW * len(names)
    height = panel * len(SCENARIOS) + 16
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" font-family="sans-serif" font-size="13" '
        f'fill="{_TEXT}"><title>Server CPU per request on {escape(results.version)}, '
        f"{escape(results.date)}</title>"
    )
    parts = [start]
    for number, scenario in enumerate(SCENARIOS):
        parts += _panel(results, names, scenario, number * panel)
    return "".join([*parts, "</svg>\n"])


def _panel(results: Results, names: list[str], scenario: Scenario, top: int) -> list[str]:
    costs = {name: found.cpu_us for name in names if (found := results.figures(name, scenario))}
    longest = max(costs.values())
    heading = f"{scenario}: microseconds of server CPU per request"
    parts = [f'<text x="0" y="{top + 34}" font-weight="bold">{heading}</text>']
    for row, (name, cost) in enumerate(sorted(costs.items(), key=lambda item: item[1])):
        y = top + _HEAD + row * _ROW
        width = max(1.0, (_WIDTH - _LABELS - _NUMBERS) * cost / longest)
        colour = _OURS if name == results.ours() else _OTHERS
        size = f'width="{width:.1f}" height="{_BAR}" rx="2"'
        parts += [
            f'<text x="{_LABELS - 10}" y="{y}" text-anchor="end">{escape(TITLES[name])}</text>',
            f'<rect x="{_LABELS}" y="{y - 11}" {size} fill="{colour}"/>',
            f'<text x="{_LABELS + width + 8:.1f}" y="{y}">{cost:.0f}</text>',
        ]
    return parts
