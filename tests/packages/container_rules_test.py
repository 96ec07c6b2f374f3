#!/usr/bin/env python3
"""packaging/container keeps its rules, and each rule finds what breaks it."""
import copy
import pathlib
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is missing (scripts/setup deb installs it)")
    sys.exit(77)

from container_rules import compose_faults, faults, parse

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packaging/container"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
# What is planted instead of what, and a word of what is said about it.
PLANTED = (
    ("FROM debian:12-slim AS", "FROM debian AS", "tomorrow"),
    ("FROM debian:12-slim AS", "FROM debian:latest AS", "tomorrow"),
    ("FROM debian:12-slim AS", "FROM registry.example/debian:12 AS", "host"),
    ("COPY . .", "ADD . .", "COPY does neither"),
    ("COPY . .", "COPY tls.key .", "readable"),
    ("RUN make deb", "RUN curl -o a b && make deb", "fetches"),
    ("RUN make deb", "RUN make deb FROM=https://one.example/", "address"),
    (" --no-install-recommends ca-certificates git", " ca-certificates git", "not needed"),
    (" -y --no-install-recommends ca-certificates /deb", " --no-install-recommends ca-certificates /deb", "nobody answers"),
    ("    && rm -rf /var/lib/apt/lists/*\n# What it keeps", "    && true\n# What it keeps", "lists in the image"),
    ("RUN apt-get update", "RUN true", "old"),
    ("USER 10001:10001", "USER footbridge", "a number"),
    ("USER 10001:10001", "USER 0", "a number"),
    ("USER 10001:10001", "", "a number"),
    ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", "drain"),
    ('ENTRYPOINT ["footbridge"]', "ENTRYPOINT footbridge", "shell"),
    ('CMD ["footbridge", "health", ', "CMD footbridge health ", "shell"),
    ('CMD ["--help"]', 'CMD "--help"', "shell"),
    ("ENV STATE_DIRECTORY", "ENV LEG_KEY=5a STATE_DIRECTORY", "readable"),
    (".image.licenses=", ".image.licence=", "licenses is missing"),
)
SERVICES = (
    ("website", {"image": "python"}, "tomorrow"),
    ("website", {"user": "root"}, "number"),
    ("website", {"ports": ["1080:1080"]}, "others"),
    ("egress", {"read_only": False}, "read_only"),
    ("egress", {"cap_drop": []}, "cap_drop"),
    ("egress", {"security_opt": []}, "security_opt"),
    ("egress", {"cap_add": ["NET_ADMIN"]}, "more than it needs"),
    ("egress", {"privileged": True}, "more than it needs"),
    ("egress", {"volumes": ["/var/run/docker.sock:/var/run/docker.sock"]}, "of this machine"),
    ("broker", {"command": "broker --egress x"}, "list"),
    ("broker", {"command": ["broker", 8901]}, "list"),
    ("broker", {"environment": {"FB_LEG_KEY": "5a"}}, "secret"),
    ("client", {"healthcheck": {"test": ["CMD", "true"]}}, "health check"),
    ("client", {"healthcheck": {}}, "health check"),
)


class Rules(unittest.TestCase):
    def test_are_kept_by_the_dockerfile(self):
        self.assertEqual(faults(parse(DOCKERFILE)), [])

    def test_are_kept_by_the_compose_file(self):
        self.assertEqual(compose_faults(COMPOSE, parse(DOCKERFILE)[-1]), [])

    def test_find_what_breaks_them_in_a_dockerfile(self):
        for there, planted, word in PLANTED:
            with self.subTest(planted):
                self.assertIn(there, DOCKERFILE)
                found = faults(parse(DOCKERFILE.replace(there, planted, 1)))
                self.assertEqual(len(found), 1, found)
                self.assertIn(word, found[0])

    def test_find_what_breaks_them_in_a_compose_file(self):
        for name, planted, word in SERVICES:
            with self.subTest(planted):
                document = copy.deepcopy(COMPOSE)
                document["services"][name].update(planted)
                found = compose_faults(document, parse(DOCKERFILE)[-1])
                self.assertEqual(len(found), 1, found)
                self.assertIn(word, found[0])


if __name__ == "__main__":
    unittest.main()
