"""Glewlwyd, an OpenID provider, on a free port of the loopback interface, with TLS by an authority of its own, and a browser."""

import gzip
import json
import http.client
import socket
import sqlite3
import ssl
import subprocess
import urllib.parse

PROGRAM = "/usr/bin/glewlwyd"
TABLES = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
FIRST_PASSWORD = "password"  # of the administrator that its tables come with
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
# How a kind of key is made, and what the provider calls it.
KEYS = {
    "RS256": ("rsa", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    "ES256": ("ecdsa", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    "EdDSA": ("eddsa", ["genpkey", "-algorithm", "ED25519"]),
}


def openssl(*words, stdin=None):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True, input=stdin).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """Keeps the cookies of each site; follows nothing by itself."""

    def __init__(self, authority):
        self.context = ssl.create_default_context(cafile=authority)
        self.cookies = {}

    def trust(self, authority):
        self.context.load_verify_locations(authority)

    def ask(self, method, address, body=None):
        """Status, where it leads to, and the text."""
        where = urllib.parse.urlsplit(address)
        jar = self.cookies.setdefault(where.netloc, {})
        headers = {"Content-Type": "application/json"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        connection = http.client.HTTPSConnection(where.hostname, where.port, context=self.context, timeout=30)
        path = where.path + ("?" + where.query if where.query else "")
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            jar[name] = value
        connection.close()
        return answer.status, answer.headers.get("Location"), text


class Glewlwyd:
    """With one client, of this name and secret, which may come back to one address; an issuer for each kind of key."""

    CLIENT = "thimble"
    SECRET = "only-the-server-and-its-provider"  # it decodes none of another alphabet, as RFC 6749 wants

    def __init__(self, folder, callback):
        self.folder = folder
        self.authority = folder / "provider-ca.crt"
        port = free_port()
        self.address = f"https://localhost:{port}"
        self._make_certificate()
        self._make_tables()
        (folder / "none").mkdir()
        settings = folder / "glewlwyd.conf"
        settings.write_text(self._settings(port))
        self.process = subprocess.Popen([PROGRAM, f"--config-file={settings}"], stdin=subprocess.DEVNULL)
        self._wait(port)
        self.administrator = Browser(self.authority)
        self._as_administrator("POST", "/auth/", {"username": "admin", "password": FIRST_PASSWORD})
        for algorithm in KEYS:
            self._add_issuer(algorithm)
        self._as_administrator(
            "POST",
            "/client/",
            {
                "client_id": self.CLIENT,
                "name": self.CLIENT,
                "confidential": True,
                "enabled": True,
                "client_secret": self.SECRET,
                "token_endpoint_auth_method": ["client_secret_basic"],
                "redirect_uri": [callback],
                "authorization_type": ["code", "id_token"],
            },
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def issuer(self, algorithm):
        return f"{self.address}/api/{algorithm.lower()}"

    def add_user(self, name, team):
        self._as_administrator(
            "POST",
            "/user/",
            {
                "username": name,
                "name": name,
                "password": f"password of {name}",
                "enabled": True,
                "scope": ["g_profile", "openid"],
                "user-code": team,
            },
        )

    def sign_in(self, browser, name, address):
        """What somebody does on the provider's pages, from where the server sent the browser.
        @return where the provider sends it back to"""
        self._expect(browser.ask("POST", f"{self.address}/api/auth/", {"username": name, "password": f"password of {name}"}))
        self._expect(browser.ask("PUT", f"{self.address}/api/auth/grant/{self.CLIENT}", {"scope": "openid"}))
        status, page, text = browser.ask("GET", address)
        assert status == 302, (status, text)
        after = urllib.parse.parse_qs(urllib.parse.urlsplit(page).query)["callback_url"][0]
        status, back, text = browser.ask("GET", after + "&g_continue")
        assert status == 302, (status, text)
        return back

    @staticmethod
    def _expect(answer):
        assert answer[0] == 200, answer

    def _as_administrator(self, method, path, body):
        self._expect(self.administrator.ask(method, f"{self.address}/api{path}", body))

    def _add_issuer(self, algorithm):
        kind, words = KEYS[algorithm]
        private = openssl(*words)
        self._as_administrator(
            "POST",
            "/mod/plugin/",
            {
                "module": "oidc",
                "name": algorithm.lower(),
                "display_name": algorithm,
                "parameters": {
                    "iss": self.issuer(algorithm),
                    "jwt-type": kind,
                    "jwt-key-size": "256",
                    "key": private,
                    "cert": openssl("pkey", "-pubout", stdin=private),
                    "auth-type-code-enabled": True,
                    "auth-type-id-token-enabled": True,
                    "pkce-allowed": True,
                    "pkce-required": True,
                    "pkce-method-plain-allowed": False,
                    "subject-type": "public",
                    "jwks-show": True,
                    "claims": [
                        {"name": "team", "user-property": "user-code", "type": "string", "mandatory": True},
                        {"name": "preferred_username", "user-property": "username", "type": "string", "mandatory": True},
                    ],
                },
            },
        )

    def _make_certificate(self):
        ca, key, request, certificate, names = (
            self.folder / name for name in ("ca.key", "provider.key", "provider.csr", "provider.crt", "names")
        )
        openssl("req", "-x509", *CURVE, "-keyout", ca, "-out", self.authority, "-subj", "/CN=provider's authority", "-days", "2")
        openssl("req", *CURVE, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
        names.write_text("subjectAltName=DNS:localhost\n")
        signing = ["-CA", self.authority, "-CAkey", ca, "-CAcreateserial", "-days", "2", "-extfile", names]
        openssl("x509", "-req", "-in", request, *signing, "-out", certificate)

    def _make_tables(self):
        database = sqlite3.connect(self.folder / "glewlwyd.db")
        database.executescript(gzip.decompress(open(TABLES, "rb").read()).decode())
        database.close()

    def _settings(self, port):
        libraries = "/usr/lib/glewlwyd"
        return f"""port={port}
bind_address="127.0.0.1"
external_url="{self.address}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="file"
log_level="INFO"
log_file="{self.folder}/glewlwyd.log"
cookie_domain="localhost"
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{libraries}/user"
user_middleware_module_path="{self.folder}/none"
client_module_path="{libraries}/client"
user_auth_scheme_module_path="{libraries}/scheme"
plugin_module_path="{libraries}/plugin"
use_secure_connection=true
secure_connection_key_file="{self.folder}/provider.key"
secure_connection_pem_file="{self.folder}/provider.crt"
hash_algorithm="SHA512"
database={{ type="sqlite3" path="{self.folder}/glewlwyd.db" }};
"""

    def _wait(self, port):
        """Until it takes connections: each look waits for the answer of the system, up to 10 seconds."""
        for _ in range(1000):
            assert self.process.poll() is None, "the provider ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            try:
                self.process.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
        raise AssertionError("the provider takes no connections")
