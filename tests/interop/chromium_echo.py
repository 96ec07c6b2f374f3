#!/usr/bin/env python3
"""Echo between echo_peer and headless Chromium; see browser_echo.py."""
import sys

import browser_echo


def command_line(program, profile, url):
    return [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter",
            f"--user-data-dir={profile}", url]


if __name__ == "__main__":
    sys.exit(browser_echo.main("chromium", command_line))
