#!/usr/bin/env python3
"""packaging/container/compose.yaml, without Docker: its very commands run as its services would, in the order it says, each in
files of its own that cannot be written, as the Dockerfile's user, without any right; and a page comes through them.

    container.py --program PATH

What Docker would do is done here by mounts: clean_root.py. What it would fetch, the images, is this machine's own files, with what the
Dockerfile puts there.
"""
import hashlib
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import namespaces  # noqa: E402
import privacy  # noqa: E402
import report  # noqa: E402
from chain import EXIT_LIMIT, binary, die_with_parent, eventually  # noqa: E402
from clean_root import ROOT, clean_root, why_not  # noqa: E402
from container_rules import parse  # noqa: E402
from curl import CLEAN_ENVIRONMENT, CURL_LIMIT  # noqa: E402
from own_network import own_network  # noqa: E402

try:
    import yaml
    NO_YAML = ""
except ImportError:
    NO_YAML = "python3-yaml is missing (scripts/setup deb installs it)"

FOLDER = ROOT / "packaging/container"
GUIDE = ROOT / "docs/ops/container.md"
CURL = re.compile(r"<!-- run by tests/packages/container.py: curl -->\n```\n(.*?)\n```", re.DOTALL)
# Of the network that the services share: what Docker forwards a published port to. No loopback is forwarded to.
OUTSIDE = "10.88.0.2"
WHY_NOT = NO_YAML or why_not() or namespaces.why_not()


class Container:
    """A service of the compose file. `image`: the Stage of ours; `volumes`: a folder, in which each volume has one."""

    def __init__(self, name, service, image, root, volumes):
        self.name, self.service, self.root, self.volumes = name, service, root, volumes
        self.ours = image if "build" in service else None
        self.user = service.get("user") or self.ours.last("USER")
        assert len(set(self.user.split(":"))) == 1, self.user
        self.folder = self.ours.last("WORKDIR") if self.ours else "/"
        self.log = tempfile.TemporaryFile()
        self.process = None
        self.furnish()

    def furnish(self):
        mounted = [volume.split(":") for volume in self.service.get("volumes", ())]
        if self.ours:
            self.root.run("touch", "/usr/bin/footbridge")
            self.mount("--bind", binary(), "/usr/bin/footbridge")
            for made in (part for line in self.ours.all("RUN") for part in line.split(" && ") if part.startswith("install -d ")):
                self.root.run("sh", "-ec", made)
            given = {target for _, target, *_ in mounted}
            mounted += [[f"{self.name}-{target.replace('/', '-')}", target] for target in self.ours.words("VOLUME") if target not in given]
        else:
            self.root.run("mkdir", "-p", *(target for _, target, *_ in mounted))
        for source, target, *how in mounted:
            self.mount("--bind", str(self.place_of(source, target)), target)
            if how:
                self.mount("-o", f"remount,bind,{how[0]}", target)
        if self.service["read_only"]:
            for there in ("", "/tmp", "/run"):
                self.mount("-o", "remount,ro", there)
        for there, _, options in (text.partition(":") for text in self.service.get("tmpfs", ())):
            self.mount("-t", "tmpfs", "-o", options, "tmpfs", there)

    def mount(self, *words):
        done = subprocess.run(self.root.beside("mount", *words[:-1], self.root.path + words[-1]), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.name}: {words}: {done.stderr}"

    def place_of(self, source, target):
        """A folder of this machine; a volume that is new has the owner and the rights of what it hides."""
        if source.startswith("."):
            return (FOLDER / source).resolve()
        place = self.volumes / source
        if not place.exists():
            place.mkdir()
            for tool in ("chown", "chmod"):
                subprocess.run(self.root.beside(tool, f"--reference={self.root.path}{target}", str(place)), check=True)
        return place

    def words(self, command):
        environment = dict(pair.split("=", 1) for line in (self.ours.all("ENV") if self.ours else ()) for pair in shlex.split(line))
        inside = self.root.inside("sh", "-c", 'cd "$0" && exec "$@"', self.folder, *command, user=int(self.user.split(":")[0]), **environment)
        # Without a word of its network a service has one of its own.
        return inside if self.service.get("network_mode") == "service:website" or "ports" in self.service else ["unshare", "--net", *inside]

    def start(self):
        entry = self.ours.words("ENTRYPOINT") if self.ours else []
        self.process = subprocess.Popen(self.words([*entry, *self.service["command"]]), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        preexec_fn=die_with_parent)

    def is_healthy(self):
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{self.said()}"
        return subprocess.run(self.words(self.service["healthcheck"]["test"][1:]), stdin=subprocess.DEVNULL, capture_output=True,
                              check=False).returncode == 0

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self):
        number = signal.Signals[self.ours.last("STOPSIGNAL")] if self.ours else signal.SIGTERM
        self.process.send_signal(number)
        return self.process.wait(EXIT_LIMIT)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.log.close()


def in_order(services):
    """Their names, each after those that it depends on."""
    names = []
    while len(names) < len(services):
        ready = [name for name in services if name not in names and set(services[name].get("depends_on", ())) <= set(names)]
        assert ready, f"they wait for each other: {set(services) - set(names)}"
        names += ready
    return names


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Compose(unittest.TestCase):
    def setUp(self):
        self.services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
        self.image = parse((FOLDER / "Dockerfile").read_text())[-1]
        self.volumes = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="fb-volumes-")))
        self.volumes.chmod(0o755)
        self.enterContext(own_network())
        for words in (("link", "add", "outside", "type", "veth", "peer", "name", "cable"), ("link", "set", "cable", "up"),
                      ("address", "add", f"{OUTSIDE}/24", "dev", "outside"), ("link", "set", "outside", "up")):
            namespaces.run("ip", *words)
        self.running = {}

    def start(self, name):
        for other, how in self.services[name].get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                self.wait(other)
        container = Container(name, self.services[name], self.image, self.enterContext(clean_root()), self.volumes)
        self.addCleanup(container.close)
        self.running[name] = container
        container.start()

    def wait(self, name):
        try:
            eventually(self.running[name].is_healthy, f"{name} is healthy")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def logs(self):
        return "".join(f"---- {name}\n{container.said()}" for name, container in self.running.items())

    def published(self):
        """The proxy that the guide names, in here: the container's port that the compose file publishes at it."""
        machine, inside = self.services["website"]["ports"][0].rpartition(":")[::2]
        return machine, f"{OUTSIDE}:{inside}"

    def test_brings_a_page_through_all_of_its_services(self):
        for name in in_order(self.services):
            self.start(name)
        for name, service in self.services.items():
            if "healthcheck" in service:
                self.wait(name)
        line = CURL.search(GUIDE.read_text())[1]
        machine, inside = self.published()
        self.assertIn(f"//{machine} ", line)
        command = shlex.split(line.replace(f"//{machine} ", f"//{inside} "))
        done = subprocess.run([*command, "--silent", "--show-error", "--max-time", str(CURL_LIMIT)], capture_output=True, check=False,
                              env=CLEAN_ENVIRONMENT)
        self.assertEqual(done.returncode, 0, f"{done.stderr}\n{self.logs()}")
        self.assertEqual(hashlib.sha256(done.stdout).hexdigest(), hashlib.sha256((FOLDER / "site/index.html").read_bytes()).hexdigest())
        for name in reversed(self.running):
            container = self.running[name]
            code = container.stop()
            if container.ours:
                self.assertEqual(code, 0, container.said())
                self.assertEqual(privacy.leaks(container.said()), [], name)


if __name__ == "__main__":
    report.main()
