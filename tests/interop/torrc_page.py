"""The torrc lines of docs/ops/tor.md: what people are told to write is what the tests run."""
import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/ops/tor.md"
BLOCK = re.compile(r"<!-- run by tests/interop/tor_bridge.py: (\w+) -->\n```\n(.*?)```", re.DOTALL)
PROGRAM = "/usr/bin/footbridge"


def lines(name, program, **values):
    """The block `name`, with `program` for what is installed elsewhere and a value for each PLACEHOLDER."""
    text = dict(BLOCK.findall(PAGE.read_text()))[name].replace(PROGRAM, program)
    for placeholder, value in values.items():
        assert placeholder in text, f"{PAGE.name} has no {placeholder} in its block {name}"
        text = text.replace(placeholder, str(value))
    return text.splitlines()
