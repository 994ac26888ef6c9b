"""Mail as .eml files in a folder, for demos and for trying things out."""

from pathlib import Path

from core.runtime.private_files import replace_file
from notifier.channels.channel import ChannelUnavailable, Outgoing
from notifier.outbox.mime import as_email


class FileChannel:
    """Writes each message into a file that mail programs open; sent again, it is the same file."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, mail: Outgoing) -> None:
        """Write it, whole or not at all."""
        octets = as_email(mail, self._sender).as_bytes()
        path = self._folder / f"{mail.created_at:%Y%m%dT%H%M%SZ}-{mail.kind}-{mail.mail_id}.eml"
        try:
            replace_file(path, [octets])
        except OSError as error:
            raise ChannelUnavailable(f"{path} cannot be written: {error.strerror}.") from error

    def close(self) -> None:
        """Do nothing: no connection is open."""
