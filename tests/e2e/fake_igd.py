"""A UPnP home router that a test scripts: honest, or not. Run in the router's namespace:

    fake_igd.py ADDRESS MOOD LOG

It answers the multicast question (SSDP) and SOAP over HTTP, and writes a line of JSON to LOG for each thing it was asked.
Moods: honest; conflict (the first port asked for is another's); forever (knows mappings without an end only); elsewhere
(its description is said to be at another host's); private (its own outer address is no public one); hung (takes
connections and says nothing)."""
import http.server
import json
import re
import socket
import struct
import sys
import threading
import time

GROUP, SSDP_PORT = "239.255.255.250", 1900
ELSEWHERE = "11.0.0.2"
HTTP_PORT = 49152
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
NAME = "The router of Sara's family"  # what must never be in a log of ours
DESCRIPTION = f"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>{DEVICE}</deviceType><friendlyName>{NAME}</friendlyName>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<controlURL>/common</controlURL><eventSubURL>/e</eventSubURL><SCPDURL>/s</SCPDURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service><serviceType>{SERVICE}</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>
<controlURL>/control</controlURL><eventSubURL>/events</eventSubURL><SCPDURL>/scpd</SCPDURL></service></serviceList>
</device></deviceList></device></deviceList></device></root>"""


class Igd:
    def __init__(self, address, mood, log):
        self.address, self.mood, self.log = address, mood, open(log, "a", buffering=1)
        self.conflicts = 1 if mood == "conflict" else 0

    def note(self, **what):
        self.log.write(json.dumps(what) + "\n")

    def serve_ssdp(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", SSDP_PORT))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(self.address)))
        host = ELSEWHERE if self.mood == "elsewhere" else self.address
        self.note(asked="ready")
        while True:
            question, sender = listener.recvfrom(2048)
            if b"M-SEARCH" not in question:
                continue
            self.note(asked="search")
            listener.sendto((f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {DEVICE}\r\nUSN: uuid:1::{DEVICE}\r\n"
                             f"EXT:\r\nLOCATION: http://{host}:{HTTP_PORT}/desc.xml\r\n\r\n").encode(), sender)

    def answer(self, action, fields):
        """(status, body) of one SOAP request."""
        self.note(asked=action, **fields)
        if action == "AddPortMapping":
            if self.conflicts > 0:
                self.conflicts -= 1
                return self.error(718)
            if self.mood == "forever" and fields["NewLeaseDuration"] != "0":
                return self.error(725)
        if action == "GetExternalIPAddress":
            outer = "100.64.1.2" if self.mood == "private" else "11.0.0.1"
            return 200, self.reply(action, f"<NewExternalIPAddress>{outer}</NewExternalIPAddress>")
        return 200, self.reply(action, "")

    @staticmethod
    def reply(action, inside):
        return (f'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                f'<u:{action}Response xmlns:u="{SERVICE}">{inside}</u:{action}Response></s:Body></s:Envelope>')

    @staticmethod
    def error(code):
        return 500, ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
                     f'<detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>{code}</errorCode>'
                     '<errorDescription>no</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>')


def handler(igd):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            igd.note(asked="description")
            self.finish_with(200, DESCRIPTION)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            action = self.headers["SOAPAction"].strip('"').partition("#")[2]
            self.finish_with(*igd.answer(action, dict(re.findall(r"<(New\w+)>([^<]*)</", body))))

        def finish_with(self, status, body):
            if igd.mood == "hung":
                time.sleep(3600)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass
    return Handler


def main():
    igd = Igd(*sys.argv[1:])
    server = http.server.ThreadingHTTPServer((igd.address, HTTP_PORT), handler(igd))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    igd.serve_ssdp()


if __name__ == "__main__":
    main()
