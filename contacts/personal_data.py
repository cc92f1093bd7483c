"""Everything that is held about a person, as a zip of JSON and of the files they uploaded (trust D8)."""

import io
import json
import zipfile
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder

from contacts.holdings import holdings
from contacts.models import Contact
from schools.models import School
from schools.tenancy.scope import school_scope

_PIECE = 65_536


class _Pipe(io.RawIOBase):
    """A file that only grows: what was written since the last look is taken out."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        written = bytes(data)  # type: ignore[call-overload]
        self._written += written
        return len(written)

    def taken(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def zip_of(school: School, contact_id: int) -> Iterator[bytes]:
    """The zip in pieces: one JSON file for each part, then the files. Each part is read in a scope of its own."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for holding in holdings():
            with school_scope(school):
                contact = Contact.objects.get(pk=contact_id)
                said = _json(holding.export(contact))
                files = [(file.path, f"files/{file.token}-{file.name}") for file in holding.files(contact)]
            archive.writestr(f"{holding.key}.json", said)
            yield pipe.taken()
            for path, name in files:
                with default_storage.open(path, "rb") as source, archive.open(name, "w") as target:
                    while piece := source.read(_PIECE):
                        target.write(piece)
                        yield pipe.taken()
    yield pipe.taken()


def _json(said: dict[str, object]) -> str:
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
