"""Keys that live as long as a test, and signatures by them."""

import pathlib
import shutil
import subprocess
import tempfile


class SigningKey:
    """A key made on the fly in a key ring of its own. Close it: gpg leaves an agent running."""

    def __init__(self, owner, folder=None):
        # The agent's socket lies in it, and the path of a socket holds 107 characters: no deep folder.
        self._home = pathlib.Path(tempfile.mkdtemp(prefix="key.", dir=folder or "/tmp"))
        self._owner = owner
        self._gpg(["--passphrase", "", "--quick-gen-key", owner, "ed25519", "sign", "never"])

    def _gpg(self, arguments, given=b""):
        argv = ["gpg", "--homedir", str(self._home), "--batch", "--quiet", "--no-tty", *arguments]
        done = subprocess.run(argv, input=given, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"gpg {arguments[-1]}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def public(self):
        return self._gpg(["--armor", "--export", self._owner])

    def sign_clear(self, text):
        return self._gpg(["--armor", "--clearsign"], text)

    def sign_detached(self, text):
        return self._gpg(["--armor", "--detach-sign"], text)

    def close(self):
        subprocess.run(["gpgconf", "--homedir", str(self._home), "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
