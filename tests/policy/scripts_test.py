#!/usr/bin/env python3
"""The scripts a verdict hangs on: a failure is never called a success; apt_sources reads both formats; a package that is
only to be unpacked is never installed."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(sys.argv.pop(1))


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                          env=dict(os.environ, **environment))
    return done.returncode, done.stdout


class Tally(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.results = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def stage(self, name, verdict, *cases, **reports):
        """cases: (program, ctest status, inner XML); reports: the GoogleTest report of a program."""
        (self.results / f"{name}.verdict").write_text(verdict)
        lines = (f'<testcase name="{n}" status="{s}">{x}</testcase>' for n, s, x in cases)
        (self.results / f"{name}.xml").write_text(f"<testsuite>{''.join(lines)}</testsuite>")
        (self.results / f"{name}.gtest").mkdir()
        for program, report in reports.items():
            (self.results / f"{name}.gtest" / f"{program}.xml").write_text(report)

    def verdict(self):
        return run(SCRIPTS / "tally", self.results)

    def test_counts_the_cases_of_a_program_and_any_other_test_as_one(self):
        cases = '<testsuites><testcase name="a" result="completed"/><testcase name="b" result="completed"/></testsuites>'
        self.stage("s", "passed", ("t", "run", ""), ("script", "run", ""), t=cases)
        self.assertEqual(self.verdict(), (0, "3 passed, 0 failed\n"))

    def test_counts_failures_and_skips_inside_a_program(self):
        cases = ('<testsuites><testcase name="a" result="skipped"/><testcase name="b"><failure/></testcase>'
                 '<testcase name="c" result="completed"/></testsuites>')
        self.stage("s", "failed", ("t", "fail", "<failure/>"), t=cases)
        self.assertEqual(self.verdict(), (1, "1 passed, 1 failed, 1 skipped\n"))

    def test_counts_a_program_that_died_after_a_clean_report(self):
        self.stage("s", "failed", ("t", "fail", "<failure/>"), t='<testsuites><testcase result="completed"/></testsuites>')
        self.assertEqual(self.verdict(), (1, "1 passed, 1 failed\n"))

    def test_counts_a_program_that_died_before_its_report(self):
        self.stage("s", "failed", ("t", "fail", "<failure/>"))
        self.assertEqual(self.verdict(), (1, "0 passed, 1 failed\n"))

    def test_counts_a_program_that_was_never_built_as_failed(self):
        self.stage("s", "failed", ("t", "notrun", '<skipped message="Unable to find executable"/>'))
        self.assertEqual(self.verdict(), (1, "0 passed, 1 failed\n"))

    def test_counts_a_script_that_chose_to_skip_as_skipped(self):
        self.stage("s", "passed", ("t", "notrun", '<skipped message="SKIP_RETURN_CODE=77"/>'), ("u", "run", ""))
        self.assertEqual(self.verdict(), (0, "1 passed, 0 failed, 1 skipped\n"))

    def test_counts_a_stage_that_did_not_build_or_was_stopped(self):
        (self.results / "s.verdict").write_text("failed")
        self.assertEqual(self.verdict(), (1, "0 passed, 1 failed\n"))

    def test_refuses_to_call_nothing_a_success(self):
        self.assertEqual(self.verdict(), (1, "0 passed, 0 failed\n"))

    def test_says_what_failed_and_why(self):
        cases = '<testsuites><testcase classname="Box" name="opens"><failure message="one&#10;two"/></testcase></testsuites>'
        said = '<failure message="Failed"/><system-out>begun\nno such file</system-out>'
        self.stage("s", "failed", ("script", "fail", said), ("t", "fail", '<failure message=""/>'), t=cases)
        done = subprocess.run([str(SCRIPTS / "tally"), str(self.results)], capture_output=True, text=True, check=False)
        self.assertIn("failed in s: script\n   begun\n   no such file\n", done.stderr)
        self.assertIn("failed in s: Box.opens\n   one\n   two\n", done.stderr)
        self.assertNotIn("failed in s: t\n", done.stderr)
        self.assertEqual(done.stdout, "0 passed, 2 failed\n")

    def test_says_a_bounded_part_of_many_failures(self):
        self.stage("s", "failed", *((f"t{n}", "fail", '<failure message="x"/>') for n in range(30)))
        done = subprocess.run([str(SCRIPTS / "tally"), str(self.results)], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr.count("failed in s: "), 12)
        self.assertTrue(done.stderr.endswith("and 18 more\n"))


class RunFuzzer(unittest.TestCase):
    def test_asks_for_an_exit_status_that_is_not_read_as_skipped(self):
        with tempfile.TemporaryDirectory() as folder:
            status, text = run(SCRIPTS.parent / "tests/fuzz/run_fuzzer", "/bin/echo", folder + "/none", folder + "/work")
        self.assertEqual(status, 0)
        self.assertIn("-error_exitcode=1 ", text)
        self.assertIn("-timeout_exitcode=1 ", text)
        self.assertTrue(text.endswith(f"{folder}/work/corpus {folder}/work/seeds\n"), text)


class AptSources(unittest.TestCase):
    def test_reads_both_formats_and_skips_what_is_disabled(self):
        with tempfile.TemporaryDirectory() as folder:
            etc = pathlib.Path(folder)
            (etc / "sources.list.d").mkdir()
            (etc / "sources.list.d/debian.sources").write_text(
                "# comment\nTypes: deb deb-src\nURIs: mirror://a/debian\nSuites: bookworm bookworm-updates\n"
                "Components: main contrib\nSigned-By: /keys/a.gpg\n\n"
                "Types: deb\nURIs: mirror://b/off\nSuites: bookworm\nComponents: main\nEnabled: no\n\n"
                "Types: deb-src\nURIs: mirror://c/src\nSuites: bookworm\nComponents: main\n")
            (etc / "sources.list").write_text(
                "# deb mirror://d/off bookworm main\ndeb [arch=amd64 signed-by=/keys/e.gpg] mirror://e/debian bookworm main\n"
                "deb mirror://f/debian bookworm-security main non-free # note\n")
            status, text = run(SCRIPTS / "apt_sources", etc)
        self.assertEqual(status, 0)
        self.assertEqual(text.splitlines(), [
            "mirror://a/debian bookworm /keys/a.gpg main,contrib",
            "mirror://a/debian bookworm-updates /keys/a.gpg main,contrib",
            "mirror://e/debian bookworm /keys/e.gpg main",
            "mirror://f/debian bookworm-security - main,non-free",
        ])


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class Unpacked(unittest.TestCase):
    """A package of our own making, whose installation would leave a trace, and an apt that knows nothing else."""
    PACKAGE = "footbridge-test-daemon"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.scripts = self.folder / "scripts"
        self.scripts.mkdir()
        for name in ("setup", "unpacked", "apt_sources"):
            shutil.copy(SCRIPTS / name, self.scripts)
        (self.scripts / "packages.txt").write_text(f"interop  unpack:{self.PACKAGE}  2.0  # why\n")
        script(self.bin / "apt-cache", f"echo '  Candidate: 1:2.5-1'; [ \"$2\" = {self.PACKAGE} ]")
        script(self.bin / "apt-get", f'echo "$*" >>{self.folder}/asked; cp {self.folder}/*.deb .')
        self.environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(self.folder / "cache")}
        self.make("1:2.5-1")

    def make(self, version):
        root = self.folder / version
        (root / "DEBIAN").mkdir(parents=True)
        (root / "DEBIAN/control").write_text(
            f"Package: {self.PACKAGE}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody\nDescription: test\n")
        script(root / "DEBIAN/postinst", f"touch {self.folder}/started")
        (root / "usr/bin").mkdir(parents=True)
        script(root / "usr/bin/daemon", f"echo {version}")
        self.deb = self.folder / f"{self.PACKAGE}_{version.replace(':', '%3a')}_all.deb"
        self.assertEqual(run("dpkg-deb", "--root-owner-group", "-b", root, self.deb)[0], 0)

    def setup(self):
        return run(self.scripts / "setup", "interop", **self.environment)

    def find(self, *minimum):
        return run(self.scripts / "unpacked", self.PACKAGE, *minimum, **self.environment)

    def test_is_fetched_once_and_none_of_its_scripts_run(self):
        status, text = self.setup()
        self.assertEqual(status, 0, text)
        self.assertIn(f"setup: unpacking {self.PACKAGE} into a cache", text)
        status, root = self.find("2.0")
        self.assertEqual((status, run(root.strip() + "/usr/bin/daemon")), (0, (0, "1:2.5-1\n")))
        self.assertEqual(self.setup(), (0, ""), "the second time there is nothing to do")
        self.assertEqual((self.folder / "asked").read_text(), f"-q -o Acquire::Retries=3 download {self.PACKAGE}\n")
        self.assertFalse((self.folder / "started").exists())
        self.assertEqual(run("dpkg-query", "-W", self.PACKAGE)[0], 1, "it is not installed")

    def test_the_newest_is_found_and_what_is_too_old_is_not(self):
        for version in ("1:2.5-1", "1:2.10-1", "9.0"):
            if version != "1:2.5-1":
                self.make(version)
            run(self.scripts / "unpacked", "--add", self.deb, **self.environment)
        self.assertEqual(self.find()[1].strip().rpartition("_")[2], "1%3a2.10-1")
        self.assertEqual(self.find("1:2.11"), (1, ""))

    def test_one_that_was_interrupted_does_not_count(self):
        run(self.scripts / "unpacked", "--add", self.folder / "none.deb", **self.environment)
        self.assertEqual(self.find(), (1, ""))
        self.assertEqual(list((self.folder / "cache/footbridge/unpacked").iterdir()), [])


class NpmPackages(unittest.TestCase):
    """Stage web with a Node.js that provides npm, and an npm that notes what it is asked."""
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.web = self.folder / "web"
        for name in ("bin", "scripts", "web"):
            (self.folder / name).mkdir()
        for name in ("setup", "unpacked", "apt_sources"):
            shutil.copy(SCRIPTS / name, self.folder / "scripts")
        (self.folder / "scripts/packages.txt").write_text("web  nodejs  18  # why\nweb  npm  -  # why\n")
        (self.web / "package-lock.json").write_text("{}")
        script(self.folder / "bin/dpkg-query", "echo 'ii  nodejs 20.1-1 nodejs-dev, npm'")
        self.npm("mkdir -p node_modules")

    def npm(self, deed):
        script(self.folder / "bin/npm", f'echo "$PWD $*" >>{self.folder}/asked; {deed}')

    def setup(self, *stages):
        return run(self.folder / "scripts/setup", *stages, PATH=f"{self.folder}/bin:{os.environ['PATH']}")

    def asked(self):
        return (self.folder / "asked").read_text().splitlines()

    def test_are_fetched_once_for_each_lock_file_and_run_nothing(self):
        status, text = self.setup("web")
        self.assertEqual(status, 0, text)
        self.assertEqual(self.asked(), [f"{self.web} ci --ignore-scripts --no-audit --no-fund"])
        self.assertEqual(self.setup("web"), (0, ""), "the second time there is nothing to do")
        (self.web / "package-lock.json").write_text('{"changed": true}')
        self.assertEqual(self.setup("web")[0], 0)
        self.assertEqual(len(self.asked()), 2)

    def test_that_could_not_be_fetched_are_fetched_again(self):
        self.npm("mkdir -p node_modules; exit 1")
        self.assertEqual(self.setup("web")[0], 1)
        self.npm("mkdir -p node_modules")
        self.assertEqual(self.setup("web")[0], 0)
        self.assertEqual(len(self.asked()), 2)


if __name__ == "__main__":
    unittest.main()
