"""What docs/ops/tor.md tells people: the torrc lines they write, which tests run, and the log lines they will see."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/ops/tor.md"
LOG_TABLE = re.compile(r"^\| tor's log says \|.*\n((?:\|.*\n)+)", re.MULTILINE)
# Of what tor itself says.
TORS_OWN = re.compile(r"Bootstrapped|Unexpected identity|anaged proxy|method error|died in state|Only one bridge|for conflux|^\)$")
BLOCK = re.compile(r"<!-- run by tests/interop/tor_bridge.py: (\w+) -->\n```\n(.*?)```", re.DOTALL)
PROGRAM = "/usr/bin/footbridge"


def lines(name, program, **values):
    """The block `name`, with `program` for what is installed elsewhere and a value for each PLACEHOLDER."""
    text = dict(BLOCK.findall(PAGE.read_text()))[name].replace(PROGRAM, program)
    for placeholder, value in values.items():
        assert placeholder in text, f"{PAGE.name} has no {placeholder} in its block {name}"
        text = text.replace(placeholder, str(value))
    return text.splitlines()


def our_log_lines():
    """Pieces of the log lines on the page that are ours to say."""
    cells = [row.split("|")[1] for table in LOG_TABLE.findall(PAGE.read_text()) for row in table.splitlines()]
    pieces = [piece.strip() for cell in cells for quote in re.findall(r"`([^`]+)`", cell)
              for piece in re.sub(r"^network 1: ", "", quote).split("…")]
    return [piece for piece in pieces if piece and not TORS_OWN.search(piece)]


def our_words():
    """All texts of our programs, those in several pieces joined."""
    sources = (path.read_text() for path in sorted((ROOT / "src/programs").rglob("*.cpp")))
    return "\n".join(re.sub(r'"\s*"', "", source) for source in sources)
