#!/usr/bin/env python3
"""Echo between echo_peer and headless Firefox; see browser_echo.py."""
import pathlib
import sys

import browser_echo

# Addresses instead of mDNS names, which we never resolve; and no traffic of its own, no questions, no second page.
SETTINGS = {
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.peerconnection.ice.loopback": True,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "",
    "toolkit.telemetry.enabled": False,
}


def command_line(program, profile, url):
    text = {True: "true", False: "false", "": '""'}
    (pathlib.Path(profile) / "user.js").write_text(
        "".join(f'user_pref("{name}", {text[value]});\n' for name, value in SETTINGS.items()))
    return [program, "--headless", "--no-remote", "--profile", profile, url]


if __name__ == "__main__":
    sys.exit(browser_echo.main("firefox-esr", command_line))
