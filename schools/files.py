"""What people upload: looked into before it is kept, and given out by us alone.

What a browser says about an upload is never believed. Images are drawn anew, so nothing but pixels is left of them;
other files must begin as their ending says, and leave only as a download.
"""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from kwiga.errors import DomainError
from kwiga.tokens import address_token
from schools.models import StoredFile
from schools.tenancy.scope import current_school_id

# Whatever has a name, a size and bytes: an upload of a form, or a file made here.
type Upload = "File[Any]"

MEGABYTE = 1024 * 1024
IMAGE_LIMIT = 10 * MEGABYTE
IMAGE_PIXELS = 40_000_000
IMAGE_SIDE = 1_600
ATTACHMENT_LIMIT = 50 * MEGABYTE
_IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")
_HEAD = 2_048


class FileRefused(DomainError):
    """The upload is too large, or not what it says it is."""


@transaction.atomic
def store_image(upload: Upload, *, name: str) -> StoredFile:
    """Keep a picture for everybody to see, drawn anew at 1600 pixels at most. Raises FileRefused.

    JPEG, PNG and WebP are read, whatever the ending says; where a photo was taken and by what is not kept.
    """
    _check_size(upload, IMAGE_LIMIT)
    content, ending, content_type = _redrawn(upload)
    return _store(
        ContentFile(content),
        f"{_stem(name)}.{ending}",
        content_type,
        audience=StoredFile.Audience.PUBLIC,
        ending=ending,
    )


@transaction.atomic
def store_attachment(upload: Upload) -> StoredFile:
    """Keep a file for those with access. Raises FileRefused for a kind that is not on the list or not what it says."""
    _check_size(upload, ATTACHMENT_LIMIT)
    name = _clean_name(upload.name or "")
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    kind = _KINDS.get(ending)
    if kind is None:
        raise FileRefused(
            _("Files of this kind cannot be uploaded. Possible are: %(endings)s.") % {"endings": ", ".join(_KINDS)}
        )
    upload.seek(0)
    if not kind.fits(upload.read(_HEAD)):
        raise FileRefused(_("The content of “%(name)s” is not what its ending says.") % {"name": name})
    upload.seek(0)
    return _store(upload, name, kind.content_type, audience=StoredFile.Audience.GUARDED, ending=ending)


@transaction.atomic
def discard(stored: StoredFile) -> None:
    """Forget a file that nothing points at any more; its bytes go after the commit."""
    path = stored.path
    stored.delete()
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)


def file_url(stored: StoredFile) -> str:
    """The path of a public file on the dashboard's host and on its school's; guarded ones have none here."""
    return f"/files/{stored.school_id}-{stored.token}/"


def public_file(address: str) -> StoredFile | None:
    """The public file that `file_url` leads to, within the open scope of its school."""
    _school, _dash, token = address.partition("-")
    return StoredFile.objects.filter(token=token, audience=StoredFile.Audience.PUBLIC).first()


def school_id_of(address: str) -> int | None:
    """The school that an address of `file_url` names."""
    number = address.partition("-")[0]
    return int(number) if re.fullmatch(r"[1-9]\d{0,17}", number, re.ASCII) else None


def public_response(stored: StoredFile) -> HttpResponse:
    """A public picture, for ever the same at its address."""
    with default_storage.open(stored.path, "rb") as file:
        response = HttpResponse(file.read(), content_type=stored.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return _harmless(response)


def guarded_response(stored: StoredFile) -> FileResponse:
    """A file as a download, for a view that has checked who asks: its body is streamed later and reads no row."""
    file = default_storage.open(stored.path, "rb")
    response = FileResponse(file, as_attachment=True, filename=stored.name, content_type=stored.content_type)
    response.headers["Cache-Control"] = "private, no-store"
    response.tenant_safe = True  # type: ignore[attr-defined]
    return _harmless(response)


def _harmless[Response: HttpResponseBase](response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- Looking into an upload ---


@dataclass(frozen=True)
class Kind:
    """What an ending promises: the type it is given out as, and how its content begins."""

    content_type: str
    fits: Callable[[bytes], bool]


def _starts(*beginnings: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: any(head.startswith(beginning, at) for beginning in beginnings)


def _is_text(head: bytes) -> bool:
    try:
        # A letter may be cut in two at the end of what was read.
        text = head.decode("utf-8-sig") if len(head) < _HEAD else head[:-3].decode("utf-8-sig", errors="ignore")
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n\f" for letter in text)


def _is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:1024]


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


_zip = _starts(b"PK\x03\x04")
_old_office = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_mpeg4 = _starts(b"ftyp", at=4)
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

_KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", _is_pdf),
    "docx": Kind(f"{_OPEN_XML}wordprocessingml.document", _zip),
    "xlsx": Kind(f"{_OPEN_XML}spreadsheetml.sheet", _zip),
    "pptx": Kind(f"{_OPEN_XML}presentationml.presentation", _zip),
    "doc": Kind("application/msword", _old_office),
    "xls": Kind("application/vnd.ms-excel", _old_office),
    "ppt": Kind("application/vnd.ms-powerpoint", _old_office),
    "odt": Kind(f"{_OPEN_DOCUMENT}text", _zip),
    "ods": Kind(f"{_OPEN_DOCUMENT}spreadsheet", _zip),
    "odp": Kind(f"{_OPEN_DOCUMENT}presentation", _zip),
    "rtf": Kind("application/rtf", _starts(b"{\\rtf")),
    "txt": Kind("text/plain; charset=utf-8", _is_text),
    "md": Kind("text/plain; charset=utf-8", _is_text),
    "csv": Kind("text/csv; charset=utf-8", _is_text),
    "zip": Kind("application/zip", _zip),
    "epub": Kind("application/epub+zip", _zip),
    "jpg": Kind("image/jpeg", _starts(b"\xff\xd8\xff")),
    "jpeg": Kind("image/jpeg", _starts(b"\xff\xd8\xff")),
    "png": Kind("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "webp": Kind("image/webp", _starts(b"WEBP", at=8)),
    "gif": Kind("image/gif", _starts(b"GIF87a", b"GIF89a")),
    "mp3": Kind("audio/mpeg", _is_mp3),
    "m4a": Kind("audio/mp4", _mpeg4),
    "wav": Kind("audio/wav", _starts(b"WAVE", at=8)),
    "ogg": Kind("audio/ogg", _starts(b"OggS")),
    "mp4": Kind("video/mp4", _mpeg4),
    "webm": Kind("video/webm", _starts(b"\x1aE\xdf\xa3")),
}
ATTACHMENT_ENDINGS = ",".join(f".{ending}" for ending in _KINDS)
IMAGE_TYPES = "image/jpeg,image/png,image/webp"


def _check_size(upload: Upload, limit: int) -> None:
    if upload.size == 0:
        raise FileRefused(_("The file is empty."))
    if upload.size is None or upload.size > limit:
        raise FileRefused(_("The file is too large: at most %(limit)d MB.") % {"limit": limit // MEGABYTE})


def _redrawn(upload: Upload) -> tuple[bytes, str, str]:
    """The picture as new bytes with its ending and type: JPEG, or WebP where something shines through."""
    upload.seek(0)
    try:
        with Image.open(io.BytesIO(upload.read()), formats=_IMAGE_FORMATS) as image:
            if image.width * image.height > IMAGE_PIXELS:
                raise FileRefused(
                    _("The picture has too many pixels: at most %(limit)d million.") % {"limit": IMAGE_PIXELS // 10**6}
                )
            image.draft("RGB", (IMAGE_SIDE, IMAGE_SIDE))
            return _drawn(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise FileRefused(_("This is not a picture that can be read: use JPEG, PNG or WebP.")) from error


def _drawn(image: Image.Image) -> tuple[bytes, str, str]:
    shines_through = image.has_transparency_data
    image = image.convert("RGBA" if shines_through else "RGB")
    image.thumbnail((IMAGE_SIDE, IMAGE_SIDE))
    fresh = Image.new(image.mode, image.size)
    fresh.paste(image)
    written = io.BytesIO()
    if shines_through:
        fresh.save(written, "WEBP", quality=84)
        return written.getvalue(), "webp", "image/webp"
    fresh.save(written, "JPEG", quality=84, optimize=True, progressive=True)
    return written.getvalue(), "jpg", "image/jpeg"


def _store(content: Upload, name: str, content_type: str, *, audience: str, ending: str) -> StoredFile:
    school_id, token = current_school_id(), address_token()
    path = default_storage.save(f"{school_id}/{token}.{ending}", content)
    return StoredFile.objects.create(
        school_id=school_id,
        token=token,
        audience=audience,
        name=name,
        content_type=content_type,
        size=content.size,
        path=path,
    )


def _clean_name(name: str) -> str:
    """The last part of a path, without what is invisible, at most 150 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}).strip()
    ending = PurePosixPath(visible).suffix
    return visible if len(visible) <= 150 else visible[: 150 - len(ending)] + ending


def _stem(name: str) -> str:
    return PurePosixPath(_clean_name(name)).stem[:120] or "image"
