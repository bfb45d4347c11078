"""Every YAML, JSON and Python file of ours parses."""

import ast
import json
import sys

import yaml

from sizes import our_files

PARSERS = {
    ".json": json.loads,
    ".py": ast.parse,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".clang-format": lambda text: list(yaml.safe_load_all(text)),
    ".clang-tidy": lambda text: list(yaml.safe_load_all(text)),
}


def main():
    failed = False
    for path in our_files():
        parse = PARSERS.get(path.suffix) or PARSERS.get(path.name)
        if parse is None:
            continue
        try:
            parse(path.read_text())
        except (ValueError, SyntaxError, yaml.YAMLError) as problem:
            print(f"{path}: {problem}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
