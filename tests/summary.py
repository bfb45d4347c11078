"""Adds up JUnit results: summary.py TITLE FILE... prints each failure and ends with `N passed, N failed[, N skipped]`.

Exits 0 only if something passed and nothing failed. A file that is missing or broken counts as a failure.
"""

import sys
import xml.etree.ElementTree as xml


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def main(title, files):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for file in files:
        try:
            cases = list(xml.parse(file).getroot().iter("testcase"))
        except (OSError, xml.ParseError) as problem:
            print(f"{title}: no results in {file}: {problem}")
            counts["failed"] += 1
            continue
        for case in cases:
            result = outcome(case)
            counts[result] += 1
            if result == "failed":
                print(f"{title}: FAILED {case.get('classname')}: {case.get('name')}")
    if not any(counts.values()):
        print(f"{title}: no test matches")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
