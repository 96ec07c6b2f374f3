#!/usr/bin/env python3
"""A volunteer pauses while NetworkManager says that its connection costs by the byte: the package's script, called as
NetworkManager calls it, in a network and /run of our own; in place of nmcli somebody who answers as it does."""
import ctypes
import os
import pathlib
import shutil
import subprocess
import unittest

import namespaces
import report
from chain import LIBC, Chain, eventually

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "packaging/networkmanager/50-footbridge"
TOLD = pathlib.Path("/run/footbridge-metered")
INTERFACE, ADDRESS, OTHER_ADDRESS, ROUTER = "wlan7", "11.0.0.9", "11.0.0.10", "11.0.0.1"
MODEM, MODEM_INTERFACE = "cdc-wdm7", "wwan7"
# NetworkManager-dispatcher(8): of a connection that has just come up.
ENVIRONMENT = {"NM_DISPATCHER_ACTION": "up", "CONNECTION_UUID": "0b3a3c0e-0000-4000-8000-000000000007", "CONNECTION_ID": "Phone",
               "CONNECTION_FILENAME": "/run/NetworkManager/system-connections/Phone.nmconnection", "DEVICE_IP_IFACE": INTERFACE,
               "DEVICE_IFACE": INTERFACE, "IP4_NUM_ADDRESSES": "1", "IP4_ADDRESS_0": f"{ADDRESS}/24 {ROUTER}"}
# A volunteer looks soon after its network has changed, and then once a minute.
LOOKS_AGAIN = 90
NMCLI = """#!/bin/sh
[ "$LC_ALL" = C ] || exit 1
case $* in
  "--get-values GENERAL.METERED device show "*) cat "${0%/*}/devices/$5" ;;
  "--get-values GENERAL.IP-IFACE device show cdc-wdm7") echo wwan7 ;;
  "--get-values GENERAL.IP-IFACE device show "*) echo "$5" ;;
  "--get-values DEVICE device status") ls "${0%/*}/devices" ;;
  *) exit 2 ;;
esac
"""


def setUpModule():
    reason = namespaces.why_not()
    if reason:
        raise unittest.SkipTest(reason)
    assert LIBC.unshare(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    namespaces.run("mount", "--make-rprivate", "/")
    namespaces.run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for words in (("link", "set", "lo", "up"), ("link", "add", INTERFACE, "type", "veth", "peer", "name", "peer"), ("link", "set", "peer", "up"),
                  ("link", "set", INTERFACE, "up"), ("address", "add", f"{ADDRESS}/24", "dev", INTERFACE),
                  ("route", "add", "default", "via", ROUTER)):
        namespaces.run("ip", *words)


class Metered(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(TOLD, ignore_errors=True)
        self.chain = self.enterContext(Chain())
        self.nmcli = self.chain.folder / "bin"
        (self.nmcli / "devices").mkdir(parents=True)

    def says(self, word, device=INTERFACE):
        """From now on nmcli is there, and says that of a device."""
        (self.nmcli / "nmcli").write_text(NMCLI)
        (self.nmcli / "nmcli").chmod(0o755)
        (self.nmcli / "devices" / device).write_text(f"{word}\n")

    def happens(self, *words, **environment):
        done = subprocess.run([SCRIPT, *words], env={"PATH": f"{self.nmcli}:/usr/bin:/bin"} | ENVIRONMENT | environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), words)
        return {path.name: path.read_text().strip() for path in TOLD.glob("*")} if TOLD.exists() else {}

    def test_its_word_is_kept_while_the_connection_is_up(self):
        self.assertEqual(self.happens(INTERFACE, "up"), {}, "no NetworkManager")
        for says, kept in (("yes", {INTERFACE: "yes"}), ("yes (guessed)", {INTERFACE: "yes"}), ("no", {INTERFACE: "no"}), ("no (guessed)", {}),
                           ("unknown", {}), ("yes", {INTERFACE: "yes"})):
            self.says(says)
            self.assertEqual(self.happens(INTERFACE, "up"), kept, says)
        for words in (("", "connectivity-change"), ("none", "hostname"), ("../../tmp/x", "up"), ("tun0", "vpn-up")):
            self.assertEqual(self.happens(*words), kept, words)
        self.assertEqual(self.happens(INTERFACE, "down"), {})
        self.assertEqual(self.happens(), kept, "what is up already")
        self.assertEqual(self.happens(INTERFACE, "device-delete"), {})
        self.says("yes", MODEM)
        self.assertEqual(self.happens(MODEM_INTERFACE, "up", DEVICE_IFACE=MODEM, DEVICE_IP_IFACE=MODEM_INTERFACE), {MODEM_INTERFACE: "yes"})
        self.assertEqual(self.happens(MODEM_INTERFACE, "down"), {})
        self.assertEqual(self.happens(), kept | {MODEM_INTERFACE: "yes"}, "a modem by the name of its interface")

    def test_a_volunteer_pauses_and_goes_on(self):
        volunteer = self.chain.volunteer("--log-level", "info")
        self.assertEqual(volunteer.metric("footbridge_proxy_paused"), 0)
        # As in life: first there is another address, then NetworkManager has something to say.
        namespaces.run("ip", "address", "add", f"{OTHER_ADDRESS}/24", "dev", INTERFACE)
        eventually(lambda: "event=network-changed" in volunteer.log(), "the volunteer has looked")
        self.says("yes")
        self.happens(INTERFACE, "up")
        eventually(lambda: "event=paused why=metered" in volunteer.log(), "it pauses", LOOKS_AGAIN)
        namespaces.run("ip", "address", "del", f"{OTHER_ADDRESS}/24", "dev", INTERFACE)
        self.says("no")
        self.happens(INTERFACE, "dhcp4-change")
        eventually(lambda: "event=resumed" in volunteer.log(), "it helps again", LOOKS_AGAIN)


if __name__ == "__main__":
    report.main()
