"""Runs the cases of one end-to-end program and leaves a report that scripts/tally counts case by case.

    curl_matrix.py --program PATH [CASE …]

The report goes where GTEST_OUTPUT says, in GoogleTest's form. Exit status: 0, 1 when a case failed, 77 when all were
skipped (the reasons are printed)."""
import itertools
import os
import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as ET

SKIPPED = 77


class Result(unittest.TextTestResult):
    """Also remembers how each case went."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self.cases[test] = {"began": time.monotonic(), "outcome": "passed", "text": ""}

    def stopTest(self, test):
        self.cases[test]["seconds"] = time.monotonic() - self.cases[test].pop("began")
        super().stopTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, "failed", f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def _note(self, test, outcome, text):
        # setUpClass and setUpModule come as something that is no case.
        case = self.cases.setdefault(test, {"outcome": "passed", "text": "", "seconds": 0.0})
        case["outcome"] = outcome
        case["text"] += text
        if outcome == "failed" and not case.get("shown"):
            case["shown"] = True
            self._show_logs(test)

    def _show_logs(self, test):
        """While they are there: cleanups, which remove them, come later."""
        chain = getattr(test, "chain", None) or getattr(sys.modules["__main__"], "chain", None)
        if chain is not None and chain.folder.exists():
            self.stream.writeln("\n" + chain.logs())


def raised(text):
    """What a traceback ends with: the error and its words."""
    lines = text.splitlines()
    call = max((i for i, line in enumerate(lines) if line.startswith("  File ")), default=-1)
    return "\n".join(itertools.dropwhile(lambda line: not line.strip() or line.startswith(" "), lines[call + 1:]))


def write_report(path, cases):
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name=path.stem)
    for test, case in cases.items():
        name = getattr(test, "_testMethodName", str(test))
        element = ET.SubElement(suite, "testcase", name=name, classname=type(test).__name__,
                                time=f"{case.get('seconds', 0.0):.3f}", status="run",
                                result="skipped" if case["outcome"] == "skipped" else "completed")
        if case["outcome"] == "failed":
            ET.SubElement(element, "failure", message=raised(case["text"])).text = case["text"]
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suites).write(path, encoding="utf-8")


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--program"]:
        os.environ.setdefault("FOOTBRIDGE", arguments[1])
        arguments = arguments[2:]
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(arguments, module) if arguments else loader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
    kind, _, path = os.environ.get("GTEST_OUTPUT", "").partition(":")
    if kind == "xml":
        write_report(pathlib.Path(path), result.cases)
    outcomes = {case["outcome"] for case in result.cases.values()}
    for case in result.cases.values():
        if case["outcome"] == "skipped":
            print("skipped:", case["text"])
    sys.exit(1 if not result.wasSuccessful() else SKIPPED if outcomes == {"skipped"} else 0)
