#!/usr/bin/env python3
"""Everything that curl can ask of the local proxy, against an explicit table of what an ordinary proxy answers."""
import functools
import tempfile
import unittest

import curl
import report
import website
from chain import Chain
from curl import EXIT_CONNECT_REFUSED_BY_PROXY, EXIT_OK, EXIT_PARTIAL, EXIT_PROXY

TUNNELS = ("connect", "socks5h", "socks5", "socks4", "socks4a")
ALL = ("http", *TUNNELS)
POST_BYTES = 10_000_000
EMPTY = website.sha256(b"")

# What a plain proxy lets its user see when it cannot reach the destination: (exit code, status, status of CONNECT).
# An HTTP proxy answers in the server's place, so curl itself is content; a tunnel that is refused fails it.
FAILURES = {
    "http": lambda status: (EXIT_OK, status, 0),
    "connect": lambda status: (EXIT_CONNECT_REFUSED_BY_PROXY, 0, status),
    **{scheme: lambda status: (EXIT_PROXY, 0, 0) for scheme in TUNNELS[1:]},
}


def for_each(*schemes):
    """A case that is the same for several schemes of curl."""
    def spread(case):
        @functools.wraps(case)
        def cases(self):
            for scheme in schemes:
                with self.subTest(scheme):
                    case(self, scheme)
        return cases
    return spread


def setUpModule():
    global chain, client, plain, secure, sixth, refused
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    plain, refused = website.Website(), website.ClosedPort()
    secure = website.Website(certificate=website.make_certificate(folder.name + "/site.pem"))
    sixth = website.Website("::1") if website.has_ipv6_loopback() else None
    sites = [site for site in (plain, refused, secure, sixth) if site]
    for site in sites:
        unittest.addModuleCleanup(site.close)
    chain = unittest.enterModuleContext(Chain([site.address for site in sites]))
    chain.volunteer()
    client = chain.client()


def fetch(scheme, url, *options):
    return curl.fetch(client.port, scheme, url, *options)


class Matrix(unittest.TestCase):
    def check(self, got, exit_code, status, body_sha256):
        self.assertEqual((got.exit, got.status, got.sha256), (exit_code, status, body_sha256), got.error)

    def check_failure(self, scheme, got, status):
        self.assertEqual((got.exit, got.status, got.connect), FAILURES[scheme](status), got.error)

    @for_each(*ALL)
    def test_gets_a_page_in_every_scheme(self, scheme):
        self.check(fetch(scheme, plain.url("/bytes/50000")), EXIT_OK, 200, website.sha256(website.noise(50000)))

    @for_each(*ALL)
    def test_gets_a_page_over_tls_in_every_scheme(self, scheme):
        got = fetch(scheme, secure.url("/bytes/50000"), "--insecure")
        self.check(got, EXIT_OK, 200, website.sha256(website.noise(50000)))

    @for_each("http", "socks5h")
    def test_a_certificate_that_curl_does_not_trust_stays_untrusted(self, scheme):
        self.assertEqual(fetch(scheme, secure.url("/none")).exit, 60)

    @unittest.skipUnless(website.has_ipv6_loopback(), "this machine has no ::1")
    @for_each("http", "connect", "socks5h", "socks5")
    def test_gets_a_page_from_an_ipv6_literal(self, scheme):
        self.check(fetch(scheme, sixth.url("/bytes/5000")), EXIT_OK, 200, website.sha256(website.noise(5000)))

    @for_each("http", "connect", "socks5h")
    def test_posts_ten_megabytes_and_gets_them_back(self, scheme):
        with tempfile.NamedTemporaryFile() as body:
            body.write(website.noise(POST_BYTES))
            body.flush()
            got = fetch(scheme, plain.url("/echo"), "--data-binary", "@" + body.name)
        self.check(got, EXIT_OK, 200, website.sha256(website.noise(POST_BYTES)))

    @for_each("http", "connect")
    def test_waits_for_100_continue(self, scheme):
        before = plain.asked_to_continue
        got = fetch(scheme, plain.url("/echo"), "--data-binary", "hello", "--header", "Expect: 100-continue",
                    "--expect100-timeout", "20")
        self.check(got, EXIT_OK, 200, website.sha256(b"hello"))
        self.assertLess(got.seconds, 10, "curl gave up waiting for the 100")
        self.assertEqual(plain.asked_to_continue, before + 1)

    @for_each("direct", "http", "connect", "socks5h")
    def test_answers_without_a_body_end(self, scheme):
        head = fetch(scheme, plain.url("/bytes/1000"), "--head")
        self.assertEqual((head.exit, head.status), (EXIT_OK, 200), head.error)
        self.assertIn(b"Content-Length: 1000", head.body)
        self.check(fetch(scheme, plain.url("/none")), EXIT_OK, 204, EMPTY)
        self.check(fetch(scheme, plain.url("/bytes/0")), EXIT_OK, 200, EMPTY)

    @for_each("http", "connect", "socks5h", "socks4a")
    def test_chunked_slow_and_unknown_pages_are_those_of_a_direct_connection(self, scheme):
        for path in ("/chunked", "/slow", "/nothing-of-the-kind"):
            direct = fetch("direct", plain.url(path))
            self.check(fetch(scheme, plain.url(path)), direct.exit, direct.status, direct.sha256)

    @for_each("http", "connect")
    def test_the_first_bytes_of_a_slow_page_do_not_wait_for_the_last(self, scheme):
        download = curl.start(client.port, scheme, plain.url("/slow"), "--no-buffer")
        self.addCleanup(download.close)
        sizes = set()
        while download.running:
            sizes.add(download.size)
        self.assertTrue(sizes & set(range(1, website.SLOW_PIECES * 10)), f"sizes seen: {sizes}")

    @for_each("direct", "http", "connect", "socks5h", "socks4a")
    def test_a_server_that_hangs_up_early_is_a_partial_file(self, scheme):
        got = fetch(scheme, plain.url("/early"))
        self.assertEqual((got.exit, got.status, got.size), (EXIT_PARTIAL, 200, website.EARLY_SENT), got.error)

    @for_each(*ALL)
    def test_a_refused_port_fails_as_it_does_with_any_proxy(self, scheme):
        self.check_failure(scheme, fetch(scheme, refused.url("/")), 502)

    @for_each("http", "connect", "socks5h", "socks4a")
    def test_a_name_that_does_not_exist_fails_as_it_does_with_any_proxy(self, scheme):
        self.check_failure(scheme, fetch(scheme, "http://no-such-name.example.com/"), 502)

    @for_each(*ALL)
    def test_what_the_egress_does_not_allow_fails_as_it_does_with_any_proxy(self, scheme):
        for url in ("http://127.0.0.1:9/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://8.8.8.8:25/"):
            self.check_failure(scheme, fetch(scheme, url), 403)

    @for_each("http", "connect", "socks5h", "socks4a")
    def test_names_of_the_egress_own_network_are_not_resolved(self, scheme):
        for url in ("http://localhost:9/", "http://router.local/", "http://metadata.google.internal/"):
            self.check_failure(scheme, fetch(scheme, url), 403)


if __name__ == "__main__":
    report.main()
