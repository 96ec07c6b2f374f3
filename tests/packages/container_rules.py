"""What packaging/container may say. faults(stages) and compose_faults(document) are lists of sentences, empty if all is well.

    stages = parse(text of a Dockerfile)    one Stage for each FROM
"""
import dataclasses
import json
import re

EXEC_FORM = ("ENTRYPOINT", "CMD", "HEALTHCHECK")
SECRET = re.compile(r"\b\w*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD)\w*\s*[= ]", re.IGNORECASE)
LABELS = ("title", "description", "licenses")
FETCHES = re.compile(r"\b(curl|wget|git\s+clone|pip3?\s+install|npm)\b")
# Of a service in the compose file: more right than anything of ours needs.
RIGHTS = ("privileged", "cap_add", "pid", "ipc", "devices")


@dataclasses.dataclass
class Stage:
    image: str
    name: str
    lines: list  # of (instruction, the rest of its line)

    def all(self, word):
        return [rest for instruction, rest in self.lines if instruction == word]

    def last(self, word):
        return (self.all(word) or [""])[-1]

    def words(self, word):
        """The exec form of its last such instruction; [] if there is none."""
        return exec_form(self.last(word)) or []


def exec_form(rest):
    """The words of JSON, or None where a shell would read it."""
    try:
        words = json.loads(re.sub(r"^(--\S+\s+)*(CMD\s+)?", "", rest))
    except ValueError:
        return None
    return words if isinstance(words, list) and words and all(isinstance(word, str) for word in words) else None


def parse(text):
    text = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    stages = []
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, rest = " ".join(line.split()).partition(" ")
        if instruction == "FROM":
            image, _, name = rest.partition(" AS ")
            stages.append(Stage(image, name, []))
        elif instruction:
            assert stages, f"{instruction} before FROM"
            stages[-1].lines.append((instruction, rest))
    return stages


def image_fault(image):
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first):
        return f"{image}: names a host; which registry is asked is the machine's business"
    _, _, tag = image.rpartition("/")[2].partition(":")
    return f"{image}: another one tomorrow; say a tag" if not tag or tag == "latest" else ""


def run_faults(command):
    if FETCHES.search(command):
        yield f"fetches: {command}"
    if "<<" in command:
        yield f"a script inside of it: {command}"
    if "apt-get install" not in command:
        return
    for words, why in (("apt-get update", "installs from lists that are old, or none"), ("--no-install-recommends", "installs what is not needed"),
                       (" -y ", "asks where nobody answers"), ("&& rm -rf /var/lib/apt/lists/*", "leaves apt's lists in the image")):
        if words not in command:
            yield f"{why} ({words.strip()}): {command}"


def line_faults(instruction, rest):
    if instruction == "ADD":
        yield f"ADD {rest}: it fetches and unpacks; COPY does neither"
    if instruction == "RUN":
        yield from run_faults(rest)
    if instruction in EXEC_FORM and exec_form(rest) is None:
        yield f"{instruction} {rest}: through a shell, which passes no signal on; write a list"
    if instruction in ("ARG", "ENV") and SECRET.search(rest):
        yield f"{instruction} {rest}: stays readable in the image"
    if instruction == "COPY" and re.search(r"\.(key|pem)\b", rest):
        yield f"COPY {rest}: stays readable in the image"
    if re.search(r"\w://", rest):
        yield f"{instruction} {rest}: the address of one machine"


def final_faults(stage):
    """What the image that is left has to have."""
    user = stage.last("USER")
    if not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", user):
        yield f"USER {user}: a number other than 0"
    if stage.last("STOPSIGNAL") != "SIGTERM":
        yield "STOPSIGNAL: our programs drain on SIGTERM"
    for word in ("ENTRYPOINT", "HEALTHCHECK"):
        if not stage.all(word):
            yield f"{word}: there is none"
    labels = " ".join(stage.all("LABEL"))
    yield from (f"LABEL: {label} is missing" for label in LABELS if f"org.opencontainers.image.{label}=" not in labels)


def faults(stages):
    found, known = [], set()
    for stage in stages:
        if stage.image not in known and (fault := image_fault(stage.image)):
            found.append(f"FROM {fault}")
        known.add(stage.name)
        for line in stage.lines:
            found += line_faults(*line)
    return found + list(final_faults(stages[-1]))


def service_faults(service):
    if "build" not in service and (fault := image_fault(service["image"])):
        yield fault
    for key, value in (("read_only", True), ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"])):
        if service.get(key) != value:
            yield f"{key}: {value}"
    yield from (f"{key}: more than it needs" for key in RIGHTS if key in service)
    if not all(isinstance(word, str) for word in service["command"]) or isinstance(service["command"], str):
        yield "command: a list of texts"
    if "build" not in service and not re.fullmatch(r"[1-9]\d*:[1-9]\d*", service.get("user", "")):
        yield "user: a number other than 0"
    yield from (f"{port}: open to others than this machine" for port in service.get("ports", ()) if not port.startswith("127.0.0.1:"))
    yield from (f"{volume}: of this machine" for volume in service.get("volumes", ()) if volume.startswith(("/", "~", "../")))
    yield from (f"environment {name}: a secret" for name in service.get("environment", ()) if SECRET.search(f"{name}="))


def compose_faults(document, image):
    """`image`: the Stage that its services of ours run."""
    found = [f"{name}: {fault}" for name, service in document["services"].items() for fault in service_faults(service)]
    for name, service in document["services"].items():
        if "build" in service and service.get("healthcheck", {}).get("test") != ["CMD", *image.words("HEALTHCHECK")]:
            found.append(f"{name}: another health check than the image's")
    return found
