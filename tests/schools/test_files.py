"""Uploads: what is kept, what is refused, and what comes out again."""

import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from schools.files import (
    ATTACHMENT_LIMIT,
    IMAGE_LIMIT,
    FileRefused,
    discard,
    file_url,
    guarded_response,
    store_attachment,
)
from schools.files import store_image as keep
from schools.models import StoredFile
from schools.tenancy.scope import school_scope
from tests.factories.files import picture, picture_bytes, text_upload, upload

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def bytes_of(stored: StoredFile) -> bytes:
    with default_storage.open(stored.path, "rb") as file:
        content: bytes = file.read()
    return content


@pytest.mark.parametrize(
    ("kind", "mode", "content_type"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("PNG", "RGB", "image/jpeg"),
        ("PNG", "RGBA", "image/webp"),
        ("WEBP", "RGB", "image/jpeg"),
    ],
)
def test_a_picture_is_drawn_anew_and_kept_in_the_folder_of_its_school(scope, kind, mode, content_type):
    sent = picture_bytes(kind=kind, mode=mode)
    stored = keep(upload("any.bin", sent), name="cover")

    assert (stored.content_type, stored.audience) == (content_type, "public")
    assert stored.path.startswith(f"{scope.pk}/")
    kept = bytes_of(stored)
    assert kept != sent and stored.size == len(kept)
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (64, 36)


def test_a_picture_loses_what_it_says_about_its_maker_and_what_hangs_behind_it(scope):
    facts = Image.Exif()
    facts[0x010E] = "taken at home"
    sent = picture_bytes(kind="JPEG", exif=facts) + b"<script>alert(1)</script>"
    kept = bytes_of(keep(upload("photo.jpg", sent), name="photo"))

    assert b"taken at home" in sent
    assert b"taken at home" not in kept and b"script" not in kept


def test_a_picture_lies_the_right_way_up_and_is_made_smaller(scope):
    turned = Image.Exif()
    turned[0x0112] = 6
    stored = keep(upload("photo.jpg", picture_bytes((3200, 800), "JPEG", exif=turned)), name="photo")
    with Image.open(io.BytesIO(bytes_of(stored))) as image:
        assert image.size == (400, 1600)


@pytest.mark.parametrize(
    "sent",
    [
        SVG,
        b"not a picture",
        picture_bytes(kind="GIF"),
        picture_bytes(kind="BMP"),
        picture_bytes()[:60],
        b"\xff\xd8\xff" + b"\0" * 200,
        b"",
    ],
    ids=["svg", "text", "gif", "bmp", "cut off", "jpeg by its first bytes", "empty"],
)
def test_what_is_no_picture_of_the_three_kinds_is_refused(scope, sent):
    with pytest.raises(FileRefused):
        keep(upload("picture.png", sent, "image/png"), name="cover")
    assert not StoredFile.objects.exists()


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_drawn(scope):
    with pytest.raises(FileRefused, match="pixels"):
        keep(upload("big.png", picture_bytes((20_000, 3_000), mode="1")), name="big")


def test_a_picture_or_file_that_is_too_large_is_refused(scope, monkeypatch):
    large = picture()
    large.size = IMAGE_LIMIT + 1
    with pytest.raises(FileRefused, match="10"):
        keep(large, name="cover")
    long = text_upload()
    long.size = ATTACHMENT_LIMIT + 1
    with pytest.raises(FileRefused, match="50"):
        store_attachment(long)


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("Plan.PDF", b"%PDF-1.7\n...", "application/pdf"),
        ("table.xlsx", b"PK\x03\x04...", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("notes.txt", "Нотатки, ćwiczenia\n".encode() * 400, "text/plain; charset=utf-8"),
        ("song.mp3", b"ID3\x04...", "audio/mpeg"),
        ("clip.mp4", b"\0\0\0\x20ftypisom", "video/mp4"),
        ("photo.png", picture_bytes(), "image/png"),
    ],
)
def test_an_attachment_has_the_type_of_its_content_whatever_the_browser_says(scope, name, content, content_type):
    stored = store_attachment(upload(name, content, "text/html"))
    assert (stored.content_type, stored.audience, stored.name) == (content_type, "guarded", name)
    assert bytes_of(stored) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("drawing.svg", SVG),
        ("run.exe", b"MZ\x90\0"),
        ("noending", b"text"),
        ("plan.pdf", b"<html>no</html>"),
        ("photo.png", SVG),
        ("table.xlsx", b"MZ\x90\0"),
        ("notes.txt", b"MZ\x90\0\0\0"),
        ("notes.txt", b"\xff\xfe\x00a"),
    ],
)
def test_an_attachment_of_another_kind_or_of_false_content_is_refused(scope, name, content):
    with pytest.raises(FileRefused):
        store_attachment(upload(name, content, "application/pdf"))


def test_a_name_is_only_a_name(scope):
    assert store_attachment(text_upload("../../etc/no\u202etes\n.txt")).name == "notes.txt"
    long = store_attachment(text_upload("a" * 300 + ".txt"))
    assert len(long.name) == 150 and long.name.endswith(".txt")
    assert "etc" not in store_attachment(text_upload("../../etc/passwd.txt")).path


def test_what_is_guarded_leaves_as_a_download_that_runs_nothing(scope):
    response = guarded_response(store_attachment(text_upload("План.txt")))
    assert response.getvalue() == b"Some notes"
    response.file_to_stream.close()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.django_db(transaction=True)
def test_a_discarded_file_goes_with_the_commit(school):
    with school_scope(school):
        stored = store_attachment(text_upload())
    with school_scope(school):
        discard(stored)
        assert default_storage.exists(stored.path)
    assert not default_storage.exists(stored.path)


@pytest.fixture
def cover(school) -> StoredFile:
    with school_scope(school):
        return keep(picture(), name="cover")


def test_a_public_file_is_served_on_the_dashboard_and_on_its_own_site(school, other_school, visitor, cover):
    for client in (visitor(), visitor(school)):
        response = client.get(file_url(cover))
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "immutable" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers
    assert visitor(other_school).get(file_url(cover)).status_code == 404


@pytest.mark.parametrize("address", ["1", "x-y", "0-abc", "-abc", "9" * 30 + "-abc", "1-abc", "-1-abc", "٣-abc"])
def test_an_address_that_leads_nowhere_is_not_found(school, visitor, address):
    assert visitor().get(f"/files/{address}/").status_code == 404
    assert visitor(school).get(f"/files/{address}/").status_code == 404


def test_another_school_s_number_in_front_of_a_token_opens_nothing(school, other_school, cover):
    client = Client(headers={"host": "localhost"})
    assert client.get(f"/files/{other_school.pk}-{cover.token}/").status_code == 404


def test_a_guarded_file_has_no_public_address(school, visitor):
    with school_scope(school):
        stored = store_attachment(text_upload())
    assert visitor(school).get(file_url(stored)).status_code == 404
    assert visitor().get(file_url(stored)).status_code == 404
