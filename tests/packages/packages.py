#!/usr/bin/env python3
"""The Debian packages: they are the same bytes each time, Debian's own checker has nothing to say, every service starts
where nothing but the packages is, tells systemd what it promises, and is gone after it was removed.

    packages.py --program PATH             in this machine's own files, with all that is written going to memory
    packages.py --program PATH --debian    in a minimal Debian 12 made from its archive (make test-packages)
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import namespaces  # noqa: E402
import report  # noqa: E402
from chain import binary  # noqa: E402
from clean_root import CREDSTORE, INSTALL, ROOT, UNIT_PATH, clean_root, why_not  # noqa: E402
from own_network import own_network  # noqa: E402

DEBIAN = "--debian" in sys.argv
LIMIT = 300              # seconds for one tool
BROKER_NEW = 60.0        # seconds: a request of a broker's first moments is refused, and made again twenty seconds later
MOST_EXPOSED = 15        # tenths, by systemd-analyze security
DISPATCHER = "/usr/lib/NetworkManager/dispatcher.d/50-footbridge"
ROLES = sorted(unit.stem for unit in (ROOT / "packaging/systemd").glob("*.service"))
SERVERS = {"broker", "egress", "netstate"}  # wait for who configures them
EGRESS = """[egress]
listen = "127.0.0.1:8444"
relay_url = "wss://127.0.0.1:8444/leg"
identity_file = "egress.pem"
create = true
leg_key_file = "leg.key"
tls_cert = "tls.pem"
tls_key = "tls.key"
descriptor_out = "egress.toml"
"""
BROKER = """[broker]
network = "footbridge-network"
listen = "127.0.0.1:8443"
leg_key_file = "leg.key"
tls_cert = "tls.pem"
tls_key = "tls.key"
"""
NETSTATE = """[netstate]
network = "footbridge-network"
viewer_token_file = "viewer.token"
"""


def tool(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=LIMIT, **more)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def digests(folder):
    return {path.name: tool("sha256sum", path).split()[0] for path in folder.glob("*.*") if path.suffix in (".deb", ".dsc", ".xz")}


def setUpModule():
    global packages, folder
    for needed in ("dpkg-buildpackage", "dh", "lintian", "systemd-analyze", "git"):
        if not shutil.which(needed):
            raise unittest.SkipTest(f"{needed} is missing (scripts/setup deb installs it)")
    folder = tempfile.TemporaryDirectory(prefix="fb-packages-")
    packages = pathlib.Path(folder.name) / "one"
    tool(ROOT / "scripts/deb", "--program", binary(), "--out", packages)


def tearDownModule():
    folder.cleanup()


class Packages(unittest.TestCase):
    def test_come_out_the_same_elsewhere_later_and_in_another_language(self):
        other = pathlib.Path(folder.name) / "another, longer place"
        surroundings = os.environ | {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "HOME": "/nonexistent",
                                     "CXXFLAGS": "-O0"}
        tool("sh", "-c", 'umask 077; exec "$@"', "sh", ROOT / "scripts/deb", "--program", binary(), "--out", other, env=surroundings)
        self.assertEqual(digests(other), digests(packages))
        self.assertEqual(len(list(packages.glob("*.deb"))), len(ROLES) + 1)

    def test_name_no_folder_of_the_machine_that_built_them(self):
        deb = next(packages.glob("footbridge_*_*.deb"))
        with tempfile.TemporaryDirectory() as here:
            tool("dpkg-deb", "-x", deb, here)
            program = pathlib.Path(here, "usr/bin/footbridge").read_bytes()
        # A compiler cache says the same by the way up from the build.
        for place in (str(ROOT).encode(), b"../../src/"):
            self.assertEqual(re.findall(rb"[ -~]*%s[ -~]*" % re.escape(place), program)[:3], [])

    def test_are_built_nowhere_where_something_else_is(self):
        with tempfile.TemporaryDirectory() as here:
            letter = pathlib.Path(here, "letter")
            letter.touch()
            done = subprocess.run([ROOT / "scripts/deb", "--program", binary(), "--out", here], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, letter.exists()), (2, True), done.stderr)

    def test_leave_lintian_silent(self):
        said = tool("lintian", "--fail-on=error,warning", *packages.glob("*.changes"), env=os.environ | {"LC_ALL": "C.UTF-8"})
        self.assertEqual([line for line in said.splitlines() if line[:2] in ("E:", "W:")], [])

    def test_name_the_licence_of_all_that_is_inside_the_program(self):
        shared = set(re.findall(r"NEEDED\s+(\S+?)\.so", tool("objdump", "-p", binary())))
        rows = re.findall(r"^\| ([^|]*) \| `([^`]*-dev)` \| [^|]* \| ([^|]*) \|", (ROOT / "docs/ops/dependencies.md").read_text()
                          .partition("## To build it")[0], re.M)
        inside = {f"{name}: {licence}" for name, package, licence in rows
                  if shared.isdisjoint(re.findall(r"/(lib[^/\n]*)\.so$", tool("dpkg", "-L", package), re.M))}
        text = (ROOT / "debian/copyright").read_text()
        self.assertEqual(set(re.findall(r"^ (\S[^:\n]*: [^.\n]+(?:\.\d[^.\n]*)?)\. ", text.partition("\n\n")[0], re.M)), inside)
        self.assertLessEqual({entry.rpartition(": ")[2] for entry in inside}, set(re.findall(r"^License: (.*)\n ", text, re.M)))

    def test_say_to_who_lends_a_connection_who_sees_it(self):
        told = tool("dpkg-deb", "-f", *packages.glob("footbridge-volunteer_*.deb"), "Description")
        for place in (told, (ROOT / "debian/README.Debian").read_text()):
            for word in ("censor", "broker", "egress", "provider", "is to agree", "Tor relay or bridge", "volunteer.md.gz"):
                self.assertIn(word, place)
        self.assertIn("volunteer.md.gz", tool("dpkg-deb", "-c", *packages.glob("footbridge-volunteer_*.deb")))

    def test_need_what_scripts_setup_installs_for_the_build(self):
        listed = {line.split()[1].replace("|", " | ") for line in (ROOT / "scripts/packages.txt").read_text().splitlines()
                  if line.startswith("build ")}
        field = re.search(r"^Build-Depends: (.*(?:\n .*)*)", (ROOT / "debian/control").read_text(), re.M)[1]
        needed = {re.sub(r" \([^)]*\)", "", entry.strip()) for entry in field.split(",")}
        # Debian's build-essential has the compiler whose library we use.
        self.assertEqual(needed - {"debhelper-compat"}, listed - {"g++"})


@unittest.skipIf(why_not() or namespaces.why_not(), why_not() or namespaces.why_not())
class Services(unittest.TestCase):
    """One after another in one root: installed, looked at, run, removed."""

    def setUp(self):
        self.root = self.enterContext(clean_root(DEBIAN))
        before = self.root.files()
        debs = sorted(packages.glob("*.deb"))
        self.root.take(debs, "/tmp/packages")
        # What the packages need has files of its own, which stay: it comes first.
        if DEBIAN:
            needed = tool("dpkg-deb", "-f", next(deb for deb in debs if "_all" not in deb.name), "Depends")
            self.root.run(*INSTALL, "install", *(entry.split("(")[0].strip() for entry in needed.split(",")))
            before = self.root.files()
        self.before = before
        self.installed = self.root.run(*INSTALL, "install", *(f"/tmp/packages/{deb.name}" for deb in debs))
        self.enterContext(own_network())

    def test_are_installed_run_and_removed(self):
        self.check_units()
        self.check_what_is_enabled()
        self.check_what_networkmanager_runs()
        self.check_what_they_see()
        self.run_a_network()
        self.check_removal()

    def check_units(self):
        units = [f"{UNIT_PATH}/footbridge-{role}.service" for role in ROLES]
        for unit in units:
            with self.subTest(unit):
                tool(*self.root.beside("systemd-analyze", f"--root={self.root.path}", "verify", "--man=no", unit))
                tool(*self.root.beside("systemd-analyze", f"--root={self.root.path}", "security", "--offline=yes", "--no-pager",
                                       f"--threshold={MOST_EXPOSED}", unit))
        for page in ("footbridge.1", "footbridge-broker.toml.5"):
            self.assertTrue(self.root.run("sh", "-c", f"ls /usr/share/man/man*/{page}.gz"))
        self.root.run("bash", "-n", "/usr/share/bash-completion/completions/footbridge")

    def check_what_is_enabled(self):
        wanted = {pathlib.Path(path).stem for path in self.root.files() if "multi-user.target.wants/footbridge" in path}
        self.assertEqual(wanted, {f"footbridge-{role}" for role in ROLES if role not in SERVERS})
        for role in ("volunteer", "client"):
            self.assertFalse(self.root.unit(f"footbridge-{role}").may_start(), "there is no default network")

    def check_what_networkmanager_runs(self):
        """NetworkManager runs only what root alone can change; where there is none, nothing happens."""
        self.assertEqual(self.root.run("stat", "-c", "%a %U", DISPATCHER).split(), ["755", "root"])
        self.assertEqual(self.root.run(DISPATCHER, "eth0", "up"), "")

    def check_what_they_see(self):
        """Whatever of /proc the program names is there for a service, too."""
        files = [path.read_text() for path in (ROOT / "src").rglob("*.cpp") if not path.stem.endswith("_test")]
        named = {path for text in files for path in re.findall(r'"(/proc/[^"]*)"', text)}
        self.assertIn("/proc/self/net/route", named)
        for role in ROLES:
            unit = self.root.unit(f"footbridge-{role}")
            self.assertEqual(unit.try_out("sh", "-c", 'for path; do [ -e "$path" ] || echo "$path"; done', "sh", *sorted(named)), "", role)
            self.assertEqual(unit.try_out("sh", "-c", "[ ! -e /proc/net ] || echo there"), "", "it sees more than its unit says")

    def run_a_network(self):
        root = self.root
        with tempfile.TemporaryDirectory() as here:
            tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                 "/CN=localhost", "-keyout", f"{here}/tls.key", "-out", f"{here}/tls.pem")
            certificate, key = (pathlib.Path(f"{here}/tls.{kind}").read_text() for kind in ("pem", "key"))
        for server, text in (("egress", EGRESS), ("broker", BROKER)):
            root.write(f"{CREDSTORE}/footbridge-{server}.leg.key", "5a" * 32 + "\n")
            root.write(f"{CREDSTORE}/footbridge-{server}.tls.key", key)
            root.write(f"/var/lib/footbridge-{server}/tls.pem", certificate)
            root.write(f"/etc/footbridge/{server}.toml", text, mode=0o644)
        network = ["--dir", "/srv/net"]
        root.write("/srv/tls.pem", certificate)
        root.run("footbridge", "network", "new", "--name", "Friends", "--broker-url", "https://127.0.0.1:8443/", "--broker-cert",
                 "/srv/tls.pem", *network)
        self.enterContext(self.lively("egress"))
        root.run("sh", "-c", "cat /var/lib/footbridge-egress/egress.toml >>/srv/net/network.toml")
        root.run("footbridge", "network", "directory", *network)
        invite = root.run("footbridge", "network", "invite", "--name", "reza", "--uses", "2", *network)
        root.run("cp", "-r", "/srv/net", "/var/lib/footbridge-broker/footbridge-network")
        root.run("sh", "-c", "mkdir -p /var/lib/footbridge-netstate && cp -r /srv/net /var/lib/footbridge-netstate/footbridge-network")
        root.write(f"{CREDSTORE}/footbridge-netstate.viewer.token", "5a" * 16 + "\n")
        root.write("/etc/footbridge/netstate.toml", NETSTATE, mode=0o644)
        running = [self.enterContext(self.lively(role)) for role in ("broker", "netstate")]
        for role in ("volunteer", "client"):
            root.unit(f"footbridge-{role}").as_service("footbridge", "join", "--yes", text=invite)
            self.assertTrue(root.unit(f"footbridge-{role}").may_start())
            running.append(self.enterContext(self.lively(role)))
        for unit in running:
            self.assertEqual(unit.stop(), 0, unit.said())

    def lively(self, role):
        """The unit of a role, which has said what systemd is to hear; when the test ends, so does it."""
        class Lively:
            def __enter__(inner):
                inner.unit = self.root.unit(f"footbridge-{role}")
                inner.unit.__enter__()
                inner.unit.hear("READY=1", BROKER_NEW)
                inner.unit.hear("WATCHDOG=1")
                inner.unit.reload()
                inner.unit.hear("WATCHDOG=1")
                return inner.unit

            def __exit__(inner, *error):
                inner.unit.__exit__(*error)
        return Lively()

    def check_removal(self):
        self.root.run("apt-get", "-q", "-y", "purge", "footbridge", *(f"footbridge-{role}" for role in ROLES))
        # What a person has put there, and what the services keep for him, is his to erase.
        self.root.run("sh", "-c", "rm -rf /srv/* /etc/credstore/footbridge-* /var/lib/footbridge-*; rmdir --ignore-fail-on-non-empty /etc/credstore")
        left = {path for path in self.root.files() - self.before if not path.startswith("/etc/credstore")}
        self.assertEqual(left, set())


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--debian"]
    report.main()
