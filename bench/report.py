"""What a benchmark says: figures with their marks, as a table for people and as JSON for programs."""

import collections
import json
import statistics


def verdict(value, bound, aim=None, at_least=False):
    """`at_least`: the value should be no less than the bound; else no more."""
    reaches = (lambda mark: value >= mark) if at_least else (lambda mark: value <= mark)
    if aim is not None and reaches(aim):
        return "reaches the aim"
    return "passes" if reaches(bound) else "FALLS SHORT"


class Report:
    def __init__(self):
        self.sections = {}

    def section(self, name, title):
        print(f"\n{title}", flush=True)
        return self.sections.setdefault(name, {"title": title, "figures": [], "marks": []})

    def figure(self, section, what, **values):
        section["figures"].append({"what": what, **values})
        shown = "  ".join(f"{key} {rounded(value)}" for key, value in values.items())
        print(f"  {what:<34} {shown}", flush=True)

    def mark(self, section, what, value, bound, aim=None, at_least=False):
        word = verdict(value, bound, aim, at_least)
        section["marks"].append(
            {"what": what, "value": value, "bound": bound, "aim": aim, "at_least": at_least, "verdict": word})
        wanted = f"{'at least' if at_least else 'at most'} {bound}" + (f", aim {aim}" if aim is not None else "")
        print(f"  {what:<34} {rounded(value):<10} {wanted:<26} {word}", flush=True)

    def close(self):
        marks = [mark for section in self.sections.values() for mark in section["marks"]]
        short = [mark["what"] for mark in marks if mark["verdict"] == "FALLS SHORT"]
        print(f"\n{len(marks) - len(short)} of {len(marks)} marks pass" + (f"; short: {', '.join(short)}" if short else ""))
        return short

    def write(self, path, **about):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**about, "sections": self.sections}, indent=1) + "\n")


def rounded(value):
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def median_of(runs):
    """The median of each figure over runs of one server; what is no figure has none."""
    return {name: statistics.median(run[name] for run in runs) for name, value in runs[0].items() if isinstance(value, (int, float))}


def errors_of(runs):
    """What the open-loop generator got in all runs that was not good: answers by status, the rest by what ended it."""
    kinds = collections.Counter()
    for run in runs:
        kinds.update({f"answered {status}": count for status, count in run["statuses"].items() if status != "200"})
        kinds.update(run["lost"])
    return dict(kinds)


def median_ratio(ours, theirs, name):
    """The median over pairs of what ours is to theirs."""
    return statistics.median(a[name] / b[name] for a, b in zip(ours, theirs))
